// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/token.h"

#include <string_view>

#include "crypto/hash.h"

namespace cercle::access {
namespace {

// Of one length, so that no label runs into a token.
std::string_view right_text(Right right) {
    switch (right) {
        case Right::Append:
            return "Cercle 1 right append  ";
        case Right::Deposit:
            return "Cercle 1 right deposit ";
        case Right::Exchange:
            return "Cercle 1 right exchange";
        case Right::PutChunk:
            return "Cercle 1 right blob put";
        case Right::GetChunk:
            return "Cercle 1 right blob get";
        case Right::Unlock:
            return "Cercle 1 right unlock  ";
        case Right::Card:
            return "Cercle 1 right card    ";
    }
    return "";
}

}  // namespace

Hash token_hash(Right right, const Secret& token) {
    return crypto::sha256({view_of(right_text(right)), token.reveal()});
}

bool matches(Right right, const Secret& token, BytesView hash) {
    const bool size_fits = token.size() == token_size;
    return equal_in_constant_time(token_hash(right, token), hash) && size_fits;
}

}  // namespace cercle::access
