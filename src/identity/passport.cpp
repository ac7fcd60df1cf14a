// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/passport.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/hash.h"
#include "identity/labelled.h"

namespace cercle::identity {
namespace {

using namespace std::chrono_literals;
using crypto::SignatureAlgorithm;

constexpr std::string_view member_prefix = "urn:cercle:member:";
constexpr std::string_view device_prefix = "urn:cercle:device:";
constexpr std::string_view officer_uri = "urn:cercle:role:officer";
constexpr std::string_view second_label = "Cercle 1 co-signature";
constexpr std::size_t key_size = 32;  // of either, as it is kept

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

/// What the second key signs: no word of the first one's.
Bytes labelled_twice(std::string_view label, BytesView content) {
    return labelled(second_label, labelled(label, content));
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
    if (certificate.second_key.empty()) {
        return fail(Code::unsupported,
                    "this circle was founded before circles had a second key, which this version"
                    " needs; nothing was changed: go on with the version that it was founded with,"
                    " or found another circle");
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

Result<void> Root::verify(std::string_view label,
                          BytesView content,
                          const RootSignature& signature) const {
    TRY_VOID(crypto::verify(SignatureAlgorithm::Ed25519,
                            certificate_.public_key,
                            labelled(label, content),
                            signature.ed25519));
    return crypto::verify(SignatureAlgorithm::MlDsa65,
                          certificate_.second_key,
                          labelled_twice(label, content),
                          signature.ml_dsa);
}

Authority::Authority(crypto::SigningKey key, crypto::SigningKey second_key, Root root)
    : key_(std::move(key)),
      second_key_(std::move(second_key)),
      root_(std::move(root)) {}

Result<Authority> Authority::found(WallTime now, Random& random) {
    auto key = crypto::SigningKey::generate(SignatureAlgorithm::Ed25519, random);
    auto second_key = crypto::SigningKey::generate(SignatureAlgorithm::MlDsa65, random);
    // The name in the certificate says nothing: the circle's own name is for its members only.
    TRY(const Bytes der,
        crypto::make_root_certificate(key,
                                      "Cercle root",
                                      {now - tolerated_lag, now + root_lifetime},
                                      random,
                                      second_key.public_key()));
    TRY(Root root, Root::from(der));
    return Authority(std::move(key), std::move(second_key), std::move(root));
}

std::string member_uri(MemberId member) {
    return std::string(member_prefix) + member.hex();
}

Result<Authority> Authority::from(BytesView root_der, BytesView secret) {
    TRY(Root root, Root::from(root_der));
    if (secret.size() != 2 * key_size) {
        return fail(Code::store_corrupt, "the authority's keys are not of their size");
    }
    TRY(auto key,
        crypto::SigningKey::from_secret(SignatureAlgorithm::Ed25519, secret.first(key_size)));
    TRY(auto second_key,
        crypto::SigningKey::from_secret(SignatureAlgorithm::MlDsa65, secret.subspan(key_size)));
    if (!equal_in_constant_time(key.public_key(), root.certificate().public_key) ||
        !equal_in_constant_time(second_key.public_key(), root.certificate().second_key)) {
        return fail(Code::store_corrupt, "the authority's keys do not fit its certificate");
    }
    return Authority(std::move(key), std::move(second_key), std::move(root));
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

Secret Authority::secret() const {
    Secret both(2 * key_size);
    std::ranges::copy(key_.secret().reveal(), both.expose().begin());
    std::ranges::copy(second_key_.secret().reveal(), both.expose().subspan(key_size).begin());
    return both;
}

RootSignature Authority::sign(std::string_view label, BytesView content) const {
    return {key_.sign(labelled(label, content)), second_key_.sign(labelled_twice(label, content))};
}

}  // namespace cercle::identity
