// Not part of the module: shared by the files that open a library.
#ifndef LONGSHORE_FIND_FUNCTIONS_H
#define LONGSHORE_FIND_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

// Opens the shared library `library` for good and looks up `count` functions. False when any of it fails.
bool find_functions(const char *library, const char *const names[], void *functions[], size_t count);

#endif
