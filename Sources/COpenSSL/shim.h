// The low-level SHA-2 contexts are plain structs that can be copied, saved and restored by value,
// which the EVP interface does not offer. OpenSSL 3 marks them deprecated; they still use SHA-NI.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// An expression of macros, which Swift does not see.
static const int EVP_PKEY_public_key = EVP_PKEY_PUBLIC_KEY;
