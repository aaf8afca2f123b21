/* Which line is the title: the one whose signs weigh most. */
#include "parse/title_signs.h"

enum { TITLE_LEAST = 1500 }; /* weight of a title, in hundredths of a unit */

static const int16_t weights[TITLE_SIGNS_END] = {
#define X(name, weight) [TITLE_##name] = weight,
    TITLE_SIGNS(X)
#undef X
};

void roles_find_title(struct roles_view *v)
{
    struct title_candidate candidates[TITLE_CANDIDATES_MOST];
    size_t count = title_candidates(v, candidates);
    long most = TITLE_LEAST;
    v->title = v->lines->count;
    for (size_t i = 0; i < count; i++) {
        long weight = 0;
        for (size_t s = 0; s < TITLE_SIGNS_END; s++)
            weight += (long)candidates[i].signs[s] * weights[s];
        if (weight > most) {
            most = weight;
            v->title = candidates[i].line;
        }
    }
}
