// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/identity.h"

#include "apps/relayd/sample_keys.h"
#include "crypto/random.h"
#include "relay/incarnation.h"
#include "store/private_file.h"

namespace cercle::relayd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_name = "relay.key";
constexpr std::string_view incarnation_name = "incarnation";
constexpr std::size_t longest_file = std::size_t{64} << 10U;

Result<net::ServerIdentity> read_key(const fs::path& path) {
    TRY(const Secret pem, store::read_private_file(path, longest_file));
    TRY(auto identity, net::ServerIdentity::load(pem.reveal()));
    if (is_sample_key(identity.key())) {
        return fail(Code::invalid_key, "the key stands in a standard or a test: everybody has it");
    }
    return identity;
}

/// What a restore has signed must not be so many keys back that nothing leads from it to the new
/// one: it is signed again by the present key first, which is right before and after.
Result<void> sign_incarnation_again(const fs::path& data, const net::ServerIdentity& identity) {
    const auto file = store::read_private_file(data / incarnation_name, longest_file);
    if (!file.has_value() && file.error().code == Code::not_found) return {};
    if (!file.has_value()) return std::unexpected(file.error());
    TRY(const auto statement, relay::check_incarnation(file->reveal(), identity));
    return store::write_private_file(data / incarnation_name,
                                     relay::sign_incarnation(identity, statement));
}

}  // namespace

Result<net::ServerIdentity> own_identity(const fs::path& data) {
    return read_key(data / key_name);
}

Result<net::ServerIdentity> identity_of(const Settings& settings) {
    if (settings.certificate.empty()) return own_identity(settings.data);
    TRY(const auto identity, read_key(settings.key));
    TRY(const Secret certificates, store::read_private_file(settings.certificate, longest_file));
    return identity.showing(certificates.reveal());
}

Result<net::RelayKey> rotate_key(const Settings& settings) {
    if (!settings.certificate.empty()) {
        return fail(Code::unsupported, "the key is one that the settings give");
    }
    const fs::path data = settings.data;
    TRY(const auto old, own_identity(data));
    TRY_VOID(sign_incarnation_again(data, old));
    crypto::SystemRandom random;
    const auto next = old.successor(random);
    TRY_VOID(store::write_private_file(data / key_name, next.save().reveal()));
    return next.key();
}

}  // namespace cercle::relayd
