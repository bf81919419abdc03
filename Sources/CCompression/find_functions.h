// Not part of the module: shared by the files that open a library.
#ifndef LONGSHORE_FIND_FUNCTIONS_H
#define LONGSHORE_FIND_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

// Loads the shared library `library` permanently and looks up `count` functions. Returns false if anything fails.
bool find_functions(const char *library, const char *const names[], void *functions[], size_t count);

#endif
