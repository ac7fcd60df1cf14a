// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/founding.h"

#include <utility>

#include "access/token.h"
#include "base/utf8.h"
#include "client/people.h"
#include "client/self.h"
#include "officer/journal.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

// Hybrid post-quantum: who records what is said today reads it tomorrow only if he breaks both.
constexpr auto suite_of_new_circles = mls::SuiteId::XWingAes256Sha384Ed25519;

}  // namespace

Result<void> found_circle(client::World& world,
                          store::Database& vault,
                          const std::string& name,
                          const std::string& relay,
                          const identity::RelayFingerprint& relay_key) {
    if (!is_name(name)) {
        return fail(Code::invalid_text,
                    "a circle's name is 1 to 200 bytes of visible characters, without tricks");
    }
    auto& random = world.random;
    const WallTime now = world.clock.wall();
    TRY(auto authority, identity::Authority::found(now, random));
    client::Keys keys = client::Keys::generate(random);
    const identity::Passport passport{identity::MemberId::random(random),
                                      identity::DeviceId::random(random),
                                      identity::Role::Officer,
                                      keys.signature_key.public_key()};
    TRY(Bytes certificate, authority.certify(passport, now, random));
    const auto inbox_keys = identity::inbox_keys(keys.inbox_secret);
    const protocol::AdmitDevice admission{
        client::public_id<protocol::DeviceKey>(keys.device_key),
        keys.inbox,
        {access::token_hash(access::Right::Deposit, inbox_keys.deposit_token)},
        client::public_id<protocol::ReaderKey>(keys.inbox_reader)};
    identity::EnrolmentRequest own;
    own.inbox = keys.inbox;
    own.inbox_secret = keys.inbox_secret.copy();
    identity::Root root = authority.root();
    const client::Self self{relay,
                            relay_key,
                            passport.member,
                            passport.device,
                            std::move(root),
                            certificate,
                            std::move(keys.signature_key),
                            std::move(keys.device_key),
                            keys.inbox,
                            std::move(keys.inbox_secret),
                            std::move(keys.inbox_reader),
                            {static_cast<std::uint16_t>(suite_of_new_circles)}};
    const AuthorityRow row{
        name,
        std::move(authority),
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random),
        0};
    TRY(auto transaction, vault.begin());
    TRY_VOID(client::store_self(transaction, self));
    TRY_VOID(transaction.run("UPDATE self SET page = 1, circle_name = ?1", name));
    TRY_VOID(Register::keep(transaction, row));
    identity::DirectoryMember officer{passport.member, "Officer", "officer"};
    officer.sections = {std::string(identity::everybody)};
    officer.blind.resize(identity::blind_size);
    random.fill(officer.blind);
    TRY_VOID(enter_in_directory(transaction, officer, passport, certificate, own, now));
    TRY_VOID(Register::order(transaction, row.officer_key, admission));
    TRY_VOID(enter_in_journal(
        transaction,
        row.authority,
        now,
        {.act = Act::Found, .member = passport.member, .device = passport.device, .name = name}));
    return std::move(transaction).commit();
}

}  // namespace cercle::officer
