// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/relay/town.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <string_view>

#include "access/label.h"
#include "access/token.h"
#include "base/check.h"
#include "codec/tls.h"
#include "crypto/hash.h"

namespace cercle::bench {
namespace {

using crypto::SigningKey;

constexpr std::size_t payload_size = 1024;

crypto::Digest derived(std::string_view what, std::uint32_t number) {
    return crypto::sha256(to_bytes(std::format("{} {}", what, number)));
}

template <class Named>
Named named(std::string_view what, std::uint32_t number) {
    return *Named::from(BytesView(derived(what, number)).first(Named::size));
}

SigningKey key(std::string_view what, std::uint32_t number) {
    auto made = SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519, derived(what, number));
    CHECK(made.has_value(), "a digest is no key");
    return *std::move(made);
}

template <class Named>
Named public_key(const SigningKey& key) {
    return *Named::from(key.public_key());
}

Secret right(std::string_view what, std::uint32_t number) {
    return Secret::copy_of(derived(what, number));
}

std::uint32_t holder(std::uint32_t number, Where where) {
    return where == Where::Shared ? ~std::uint32_t{0} : number;
}

}  // namespace

SigningKey Town::officer() const {
    return key("officer", 0);
}

SigningKey Town::device(std::uint32_t number) const {
    return key("device", number);
}

SigningKey Town::reader(std::uint32_t number) const {
    return key("reader", number);
}

protocol::LogId Town::log(std::uint32_t number, Where where) const {
    return named<protocol::LogId>("log", holder(number, where));
}

crypto::Digest Town::token(std::uint32_t number) const {
    return derived("append", number);
}

Bytes Town::admission(std::uint32_t number) const {
    const protocol::AdmitDevice act{
        public_key<protocol::DeviceKey>(device(number)),
        named<protocol::LogId>("inbox", number),
        protocol::TokenHash{access::token_hash(access::Right::Deposit, right("deposit", number))},
        public_key<protocol::ReaderKey>(reader(number))};
    const Bytes order = codec::encode(protocol::Order{{number + std::uint64_t{1}}, act});
    return codec::encode(protocol::Request{
        {number + 1},
        protocol::GiveOrder{{order, access::sign(officer(), access::Label::Order, order)}}});
}

protocol::CreateLog Town::founding(std::uint32_t number, Where where, std::uint32_t readers) const {
    const std::uint32_t whose = holder(number, where);
    protocol::CreateLog request{
        log(number, where),
        {protocol::TokenHash{access::token_hash(access::Right::Append, right("append", whose))},
         public_key<protocol::BundleKey>(key("bundle", whose))},
        {}};
    if (where == Where::Own) {
        request.readers.push_back(public_key<protocol::ReaderKey>(reader(number)));
    }
    for (std::uint32_t one = 0; where == Where::Shared && one < readers; ++one) {
        request.readers.push_back(public_key<protocol::ReaderKey>(reader(one)));
    }
    return request;
}

protocol::Post Town::post(std::uint32_t number, Where where) const {
    protocol::Post post{log(number, where), {0}, right("append", holder(number, where)), {}};
    post.entries.push_back({protocol::EntryId{}, Bytes(payload_size)});
    return post;
}

void fill_randomly(std::span<std::uint8_t> target) {
    static std::uint64_t state =
        0x243f6a8885a308d3U ^
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    for (std::uint8_t& byte : target) {  // splitmix64
        state += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state;
        mixed = (mixed ^ mixed >> 30U) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ mixed >> 27U) * 0x94d049bb133111ebU;
        byte = static_cast<std::uint8_t>((mixed ^ mixed >> 31U) >> 56U);
    }
}

}  // namespace cercle::bench
