/* The mapped form of the gazetteer, for the step that reads it and the program that builds it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { GAZETTEER_PLACES = 1, GAZETTEER_LISTS, GAZETTEER_NODES, GAZETTEER_FIRST, GAZETTEER_NATIONS };
enum { GAZETTEER_FIRST_BITS = 1 << 19 };

static inline uint64_t gazetteer_chain(uint64_t key, uint64_t word)
{
    key = (key ^ word) * 0x9e3779b97f4a7c15u;
    return key ^ key >> 29;
}

static inline uint32_t gazetteer_first_bit(uint64_t key)
{
    return (uint32_t)(key >> 13) % GAZETTEER_FIRST_BITS;
}

static inline uint64_t gazetteer_node(uint64_t key, uint32_t list, bool goes_on)
{
    return key >> 32 << 32 | (uint64_t)list << 8 | 2 | goes_on; /* 2: never an empty slot */
}

static inline uint32_t gazetteer_node_list(uint64_t node)
{
    return (uint32_t)node >> 8;
}

static inline bool gazetteer_node_goes_on(uint64_t node)
{
    return node & 1;
}
