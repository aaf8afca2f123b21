/* CRC32C (Castagnoli, RFC 3720 appendix B.4), with the processor's instruction where it has one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* crc: 0 to begin with, or what an earlier call returned for the bytes before these. */
uint32_t checksum(uint32_t crc, const void *data, size_t size);

/* The same without the instruction; for tests. */
uint32_t checksum_portable(uint32_t crc, const void *data, size_t size);
