// libbz2, loaded by name at run time: the part of its stable ABI that decompression needs.
//
// Declared here so that building needs no development package. Source: the interface of bzip2 1.0, unchanged since
// 2000.
#ifndef LONGSHORE_BZIP2_LIBRARY_H
#define LONGSHORE_BZIP2_LIBRARY_H

#include <stdbool.h>

// The results of a call. Any other value is an error too.
enum {
    BZIP2_OK = 0,
    BZIP2_STREAM_END = 4,
    BZIP2_OUT_OF_MEMORY = -3,
    BZIP2_DATA_ERROR = -4,
    BZIP2_BAD_MAGIC = -5,
};

// The library keeps a pointer to this and rejects a moved one: it must stay where it was started.
struct bzip2_stream {
    const char *next_in;
    unsigned int avail_in;
    unsigned int total_in_low;
    unsigned int total_in_high;
    char *next_out;
    unsigned int avail_out;
    unsigned int total_out_low;
    unsigned int total_out_high;
    void *state;
    void *(*allocate)(void *, int, int);
    void (*release)(void *, void *);
    void *opaque;
};

struct bzip2_library {
    int (*start)(struct bzip2_stream *, int verbosity, int small);
    int (*decode)(struct bzip2_stream *);
    int (*end)(struct bzip2_stream *);
};

// Loads the library with that file name permanently and looks up its functions. Returns false if anything fails.
bool bzip2_library_open(struct bzip2_library *library, const char *name);

// BZ2_bzDecompressInit. The stream must be all zeros.
int bzip2_library_start(const struct bzip2_library *library, struct bzip2_stream *stream);
// BZ2_bzDecompress.
int bzip2_library_decode(const struct bzip2_library *library, struct bzip2_stream *stream);
// BZ2_bzDecompressEnd. Harmless on a stream that was not started.
void bzip2_library_end(const struct bzip2_library *library, struct bzip2_stream *stream);

#endif
