// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: OpenSSL's handles with owners, and its error queue kept clean.

#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

#include "base/check.h"

namespace cercle::crypto {

template <auto Free>
struct FreeBy {
    template <class T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeBy<EVP_CIPHER_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeBy<EVP_MAC_CTX_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, FreeBy<EVP_KDF_CTX_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreeBy<BN_clear_free>>;
using CurvePoint = std::unique_ptr<EC_POINT, FreeBy<EC_POINT_clear_free>>;
using X509Handle = std::unique_ptr<X509, FreeBy<X509_free>>;

/// A failure that input caused leaves nothing in the thread's error queue, where the next TLS
/// read would take it for its own.
class ErrorMark {
  public:
    ErrorMark() { ERR_set_mark(); }

    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;

    ~ErrorMark() { ERR_pop_to_mark(); }
};

}  // namespace cercle::crypto
