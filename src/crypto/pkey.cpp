// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/pkey.h"

#include <openssl/evp.h>

namespace cercle::crypto {

void PkeyFree::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

}  // namespace cercle::crypto
