/* Memory for one document: alignment, the limit, reuse. */
#include "tests/unit/unit.h"
#include "libcommon/arena.h"

#include <stdalign.h>
#include <string.h>

static void hands_out_aligned_memory_up_to_its_limit(void **state)
{
    (void)state;
    struct arena *a;
    assert_int_equal(arena_new(1000000, &a), 0);
    size_t total = 0;
    for (size_t size = 1;; size = size * 3 % 5000 + 1) {
        char *p = arena_alloc(a, size);
        if (!p)
            break;
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        memset(p, 0xaa, size);
        total += size;
        assert_true(total <= 1000000);
    }
    assert_true(total > 900000);
    assert_null(arena_alloc(a, SIZE_MAX));
    arena_reset(a);
    assert_non_null(arena_alloc(a, 999000));
    assert_null(arena_free(a));
    assert_null(arena_free(NULL));
}

static void grows_arrays_and_keeps_their_contents(void **state)
{
    (void)state;
    struct arena *a;
    assert_int_equal(arena_new(1 << 20, &a), 0);
    int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        numbers = arena_grow(a, numbers, sizeof *numbers, (size_t)i + 1, &capacity);
        assert_non_null(numbers);
        numbers[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    size_t none = 0;
    assert_null(arena_grow(a, NULL, 16, SIZE_MAX / 8, &none));
    assert_string_equal(arena_copy(a, "خبر", 6), "خبر");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_aligned_memory_up_to_its_limit),
        cmocka_unit_test(grows_arrays_and_keeps_their_contents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
