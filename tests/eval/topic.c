/* eval-topic DATA_DIR: topics told right, of whole articles and of headlines alone, with fastText
 * beside. */
#include "tests/eval/subject.h"

static int truth(const struct sample *s)
{
    return s->topic < 0 ? (int)SUBJECT_NO_TOPIC : s->topic;
}

static int second(const struct sample *s)
{
    return s->second_topic;
}

static const char *class_name(int class)
{
    const struct topic_name *name = topic_name((enum topic) class);
    return name ? name->english : "none";
}

int main(int argc, char **argv)
{
    static const struct subject_task task = {"topic", MODEL_TOPIC, truth, second, class_name};
    return subject_evaluate(&task, argc, argv);
}
