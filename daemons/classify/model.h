/* A file of weights: mapped read-only, shared by all threads, trusted only after its checksum.
 *
 * The file, little-endian: a header of 64 bytes {magic "khabarML", u32 container version, u32 kind, u32 version
 * of the kind, u32 number of sections, u64 size of the file, u64 XXH3 of all that follows the header, zeros},
 * then a table of sections {u32 name, u32 0, u64 offset, u64 size}, then the sections, each on 64 bytes. What
 * a section holds, and which kind has which, is said by the step that reads it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The numbers are part of the format. */
enum model_kind {
    MODEL_LANGUAGE = 1,
    MODEL_TOPIC,
    MODEL_EVENT,
    MODEL_NAMES,
    MODEL_PLACES,
    MODEL_WORDS,
    MODEL_SCENE,
};

struct model;

/* Maps the file. Free *ret with model_close(). -ENOENT and other errors of open(2); -EBADMSG: not a model of that
 * kind and version, cut short, or its checksum is wrong. */
int model_open(const char *path, enum model_kind kind, uint32_t version, struct model **ret);
struct model *model_close(struct model *m); /* NULL is fine; always returns NULL */

/* The bytes of a section, aligned to 64, and their number; NULL and 0 when the model has no such section. */
const void *model_section(const struct model *m, uint32_t name, size_t *ret_size);

/* The same, when it holds exactly size bytes; else NULL. */
const void *model_section_of(const struct model *m, uint32_t name, size_t size);

struct model_part {
    uint32_t name;
    const void *data;
    size_t size;
};

/* Writes a model under a temporary name, then renames it. 0, -ENOMEM or the error of the system call. */
int model_write(const char *path, enum model_kind kind, uint32_t version,
                const struct model_part *parts, size_t count);
