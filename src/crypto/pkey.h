// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// An owned OpenSSL key handle, opaque outside this folder.

#include <memory>

struct evp_pkey_st;

namespace cercle::crypto {

struct PkeyFree {
    void operator()(evp_pkey_st* key) const;
};

using Pkey = std::unique_ptr<evp_pkey_st, PkeyFree>;

}  // namespace cercle::crypto
