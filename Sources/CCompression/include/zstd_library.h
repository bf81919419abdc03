// libzstd, loaded by name at run time: the part of its stable ABI that decompression needs.
//
// Declared here so that building needs no development package. Source: the stable interface of zstd 1.3 and later.
#ifndef LONGSHORE_ZSTD_LIBRARY_H
#define LONGSHORE_ZSTD_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

// The error numbers that are handled specially.
enum {
    ZSTD_LIBRARY_UNKNOWN_PREFIX = 10,
    ZSTD_LIBRARY_WINDOW_TOO_LARGE = 16,
    ZSTD_LIBRARY_OUT_OF_MEMORY = 64,
};

struct zstd_library_input {
    const void *bytes;
    size_t size;
    size_t position;
};

struct zstd_library_output {
    void *bytes;
    size_t size;
    size_t position;
};

struct zstd_library {
    void *(*create)(void);
    size_t (*release)(void *decoder);
    size_t (*decode)(void *decoder, struct zstd_library_output *, struct zstd_library_input *);
    unsigned int (*is_error)(size_t result);
    int (*error_number)(size_t result);
    const char *(*error_name)(size_t result);
};

// Loads the library with that file name permanently and looks up its functions. Returns false if anything fails.
bool zstd_library_open(struct zstd_library *library, const char *name);

// ZSTD_createDStream. NULL if out of memory.
void *zstd_library_create(const struct zstd_library *library);
// ZSTD_freeDStream.
void zstd_library_release(const struct zstd_library *library, void *decoder);
// ZSTD_decompressStream: 0 at the end of a frame.
size_t zstd_library_decode(
    const struct zstd_library *library,
    void *decoder,
    struct zstd_library_output *output,
    struct zstd_library_input *input);
// ZSTD_getErrorCode; 0 if the result is not an error.
int zstd_library_error_number(const struct zstd_library *library, size_t result);
// ZSTD_getErrorName.
const char *zstd_library_error_name(const struct zstd_library *library, size_t result);

#endif
