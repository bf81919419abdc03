// liblzma, loaded by name at run time: the part of its stable ABI that decompression needs.
//
// Declared here so that building needs no development package. Source: the interface of XZ Utils 5.0 and later.
#ifndef LONGSHORE_LZMA_LIBRARY_H
#define LONGSHORE_LZMA_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The results of a call. Any other value is an error too.
enum {
    LZMA_LIBRARY_OK = 0,
    LZMA_LIBRARY_STREAM_END = 1,
    LZMA_LIBRARY_OUT_OF_MEMORY = 5,
    LZMA_LIBRARY_MEMORY_LIMIT = 6,
    LZMA_LIBRARY_FORMAT_ERROR = 7,
    LZMA_LIBRARY_OPTIONS_ERROR = 8,
    LZMA_LIBRARY_DATA_ERROR = 9,
    LZMA_LIBRARY_NO_PROGRESS = 10,
};

struct lzma_library_stream {
    const uint8_t *next_in;
    size_t avail_in;
    uint64_t total_in;
    uint8_t *next_out;
    size_t avail_out;
    uint64_t total_out;
    const void *allocator;
    void *internal;
    void *reserved_pointers[4];
    uint64_t seek_position;
    uint64_t reserved_number;
    size_t reserved_sizes[2];
    unsigned int reserved_enumerations[2];
};

struct lzma_library {
    int (*stream_decoder)(struct lzma_library_stream *, uint64_t memory_limit, uint32_t flags);
    int (*alone_decoder)(struct lzma_library_stream *, uint64_t memory_limit);
    int (*code)(struct lzma_library_stream *, int action);
    void (*end)(struct lzma_library_stream *);
};

// Loads the library with that file name permanently and looks up its functions. Returns false if anything fails.
bool lzma_library_open(struct lzma_library *library, const char *name);

// lzma_stream_decoder for .xz, including concatenated streams and their padding. The stream must be all zeros.
int lzma_library_start_xz(
    const struct lzma_library *library, struct lzma_library_stream *stream, uint64_t memory_limit);
// lzma_alone_decoder for .lzma. The stream must be all zeros.
int lzma_library_start_alone(
    const struct lzma_library *library, struct lzma_library_stream *stream, uint64_t memory_limit);
// lzma_code, with LZMA_FINISH when no input will follow and LZMA_RUN otherwise.
int lzma_library_decode(const struct lzma_library *library, struct lzma_library_stream *stream, bool is_last);
// lzma_end. Harmless on a stream that was not started.
void lzma_library_end(const struct lzma_library *library, struct lzma_library_stream *stream);

#endif
