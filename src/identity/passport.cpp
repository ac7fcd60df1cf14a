// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/passport.h"

#include <string>
#include <string_view>
#include <utility>

#include "crypto/hash.h"
#include "identity/labelled.h"

namespace cercle::identity {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view member_prefix = "urn:cercle:member:";
constexpr std::string_view device_prefix = "urn:cercle:device:";
constexpr std::string_view officer_uri = "urn:cercle:role:officer";

// A clock may lag behind the officer's by a day without locking anybody out.
constexpr auto tolerated_lag = 24h;
constexpr auto device_lifetime = 24h * 366;
constexpr auto root_lifetime = 24h * 366 * 20;

template <class Id>
bool read_uri(std::string_view uri, std::string_view prefix, std::optional<Id>& id) {
    if (!uri.starts_with(prefix) || id.has_value()) return false;
    id = Id::from_hex(uri.substr(prefix.size()));
    return id.has_value();
}

}  // namespace

Root::Root(crypto::Certificate certificate, CircleId circle)
    : certificate_(std::move(certificate)),
      circle_(circle) {}

Result<Root> Root::from(BytesView der) {
    TRY(crypto::Certificate certificate, crypto::Certificate::parse(der));
    if (!certificate.authority) {
        return fail(Code::certificate_invalid, "a circle's root must be an authority");
    }
    return Root(std::move(certificate), CircleId{crypto::sha256(der)});
}

Result<Passport> Root::judge(BytesView device_certificate, WallTime at) const {
    TRY(const crypto::Certificate certificate, crypto::Certificate::parse(device_certificate));
    TRY_VOID(certificate.verify_under(certificate_, at));
    if (certificate.authority) {
        return fail(Code::certificate_invalid, "a device's certificate cannot be an authority");
    }
    std::optional<MemberId> member;
    std::optional<DeviceId> device;
    Role role = Role::Member;
    for (const std::string& uri : certificate.uris) {
        if (read_uri(uri, member_prefix, member) || read_uri(uri, device_prefix, device)) continue;
        if (uri != officer_uri) {
            return fail(Code::certificate_invalid, "a certificate names something unknown");
        }
        role = Role::Officer;
    }
    if (!member || !device) {
        return fail(Code::certificate_invalid, "a certificate must name a member and a device");
    }
    return Passport{*member, *device, role, certificate.public_key};
}

Result<Passport> Root::recognise(BytesView device_certificate) const {
    TRY(const crypto::Certificate certificate, crypto::Certificate::parse(device_certificate));
    return judge(device_certificate, certificate.validity.from);
}

Result<void> Root::verify(std::string_view label, BytesView content, BytesView signature) const {
    return crypto::verify(crypto::SignatureAlgorithm::Ed25519,
                          certificate_.public_key,
                          labelled(label, content),
                          signature);
}

Authority::Authority(crypto::SigningKey key, Root root)
    : key_(std::move(key)),
      root_(std::move(root)) {}

Result<Authority> Authority::found(WallTime now, Random& random) {
    auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    // The name in the certificate says nothing: the circle's own name is for its members only.
    TRY(const Bytes der,
        crypto::make_root_certificate(
            key, "Cercle root", {now - tolerated_lag, now + root_lifetime}, random));
    TRY(Root root, Root::from(der));
    return Authority(std::move(key), std::move(root));
}

std::string member_uri(MemberId member) {
    return std::string(member_prefix) + member.hex();
}

Result<Authority> Authority::from(BytesView root_der, BytesView secret) {
    TRY(Root root, Root::from(root_der));
    TRY(auto key, crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519, secret));
    if (!equal_in_constant_time(key.public_key(), root.certificate().public_key)) {
        return fail(Code::store_corrupt, "the authority's key does not fit its certificate");
    }
    return Authority(std::move(key), std::move(root));
}

Result<Bytes> Authority::certify(const Passport& passport, WallTime now, Random& random) const {
    std::vector<std::string> uris{member_uri(passport.member),
                                  std::string(device_prefix) + passport.device.hex()};
    if (passport.role == Role::Officer) uris.emplace_back(officer_uri);
    return crypto::issue_certificate(key_,
                                     root_.certificate(),
                                     passport.signature_key,
                                     uris,
                                     {now - tolerated_lag, now + device_lifetime},
                                     random);
}

Bytes Authority::sign(std::string_view label, BytesView content) const {
    return key_.sign(labelled(label, content));
}

}  // namespace cercle::identity
