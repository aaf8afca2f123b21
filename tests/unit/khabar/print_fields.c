/* Prints the table of fields for check_record.py: name, tab, meaning. */
#include "libcommon/fields.h"

#include <stdio.h>

int main(void)
{
    for (int f = 0; f < FIELD_END_OF_NAMES; f++)
        if (field_name(f) && f != FIELD_MINHASH) /* travels to the sink, not part of the record */
            printf("%s\t%s\n", field_name(f), field_meaning(f));
    return 0;
}
