/* eval-event DATA_DIR: events told right, of whole articles and of headlines alone, with fastText
 * beside. */
#include "tests/eval/subject.h"

static int truth(const struct sample *s)
{
    return s->event;
}

static int second(const struct sample *s)
{
    (void)s;
    return -1;
}

static const char *class_name(int class)
{
    const char *name = event_name((enum event) class);
    return name ? name : "nothing";
}

int main(int argc, char **argv)
{
    static const struct subject_task task = {"event", MODEL_EVENT, truth, second, class_name};
    return subject_evaluate(&task, argc, argv);
}
