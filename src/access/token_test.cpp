// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/token.h"

#include <array>

#include <catch2/catch_test_macros.hpp>

#include "access/label.h"
#include "crypto/random.h"

namespace {

using namespace cercle;
using access::Label;
using access::Right;

}  // namespace

TEST_CASE("a token opens the right it was made for, and no other") {
    const Secret token(access::token_size);
    constexpr std::array rights{Right::Append,
                                Right::Deposit,
                                Right::Exchange,
                                Right::PutChunk,
                                Right::GetChunk,
                                Right::Unlock,
                                Right::Card};
    for (const Right right : rights) {
        const auto hash = access::token_hash(right, token);
        for (const Right other : rights) {
            CHECK(access::matches(other, token, hash) == (other == right));
        }
    }
}

TEST_CASE("a token that is cut off or empty opens nothing, even against its own hash") {
    const Secret empty;
    CHECK_FALSE(access::matches(Right::Append, empty, access::token_hash(Right::Append, empty)));
    const Secret cut(access::token_size - 1);
    CHECK_FALSE(access::matches(Right::Append, cut, access::token_hash(Right::Append, cut)));
}

TEST_CASE("a hash of another length matches no token") {
    const Secret token(access::token_size);
    const auto hash = access::token_hash(Right::Append, token);
    CHECK_FALSE(access::matches(Right::Append, token, BytesView(hash).first(31)));
    CHECK_FALSE(access::matches(Right::Append, token, BytesView{}));
}

TEST_CASE("a signature under one label is forged under every other") {
    crypto::SystemRandom random;
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const Bytes content = to_bytes("content");
    const Bytes signature = access::sign(key, Label::Reader, content);
    CHECK(access::verify(key.public_key(), Label::Reader, content, signature).has_value());
    for (const Label other : {Label::DeviceSession,
                              Label::OfficerSession,
                              Label::BundleEpoch,
                              Label::BundleAuthor,
                              Label::Order,
                              Label::HolderSession,
                              Label::CardBinding}) {
        CHECK_FALSE(access::verify(key.public_key(), other, content, signature).has_value());
    }
}
