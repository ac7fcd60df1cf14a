// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/self.h"

#include "client/relay_word.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

}  // namespace

Keys Keys::generate(Random& random) {
    Secret inbox_secret(32);
    random.fill(inbox_secret.expose());
    return {crypto::SigningKey::generate(ed25519, random),
            crypto::SigningKey::generate(ed25519, random),
            crypto::SigningKey::generate(ed25519, random),
            protocol::LogId::random(random),
            std::move(inbox_secret)};
}

Result<std::optional<Self>> load_self(store::Database& database) {
    TRY(auto row,
        (database.one<std::string,
                      identity::RelayFingerprint,
                      identity::MemberId,
                      identity::DeviceId,
                      Bytes,
                      Bytes,
                      Secret,
                      Secret,
                      protocol::LogId,
                      Secret,
                      Secret,
                      identity::GroupSuite>(
            "SELECT relay, relay_key, member, device, root, certificate, signature_key,"
            " device_key, inbox, inbox_secret, inbox_reader, suite FROM self")));
    if (!row) return std::optional<Self>();
    auto& [relay,
           relay_key,
           member,
           device,
           root_der,
           certificate,
           signature,
           session,
           inbox,
           inbox_secret,
           reader,
           suite] = *row;
    TRY(auto root, identity::Root::from(root_der));
    TRY(auto signature_key, crypto::SigningKey::from_secret(ed25519, signature.reveal()));
    TRY(auto device_key, crypto::SigningKey::from_secret(ed25519, session.reveal()));
    TRY(auto inbox_reader, crypto::SigningKey::from_secret(ed25519, reader.reveal()));
    return std::optional<Self>(Self{std::move(relay),
                                    relay_key,
                                    member,
                                    device,
                                    std::move(root),
                                    std::move(certificate),
                                    std::move(signature_key),
                                    std::move(device_key),
                                    inbox,
                                    std::move(inbox_secret),
                                    std::move(inbox_reader),
                                    suite});
}

Result<void> store_self(store::Transaction& transaction, const Self& self) {
    return transaction.run(
        "INSERT INTO self (one, circle, relay, relay_key, member, device, root, certificate,"
        " signature_key, device_key, inbox, inbox_secret, inbox_reader, inbox_chain,"
        " suite) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        self.circle(),
        self.relay,
        self.relay_key,
        self.member,
        self.device,
        self.root.certificate().der,
        self.certificate,
        self.signature_key.secret(),
        self.device_key.secret(),
        self.inbox,
        self.inbox_secret,
        self.inbox_reader.secret(),
        protocol::ChainHash{},
        self.suite);
}

Result<void> follow_relay(store::Database& database,
                          Self& self,
                          const identity::RelayFingerprint& successor) {
    TRY(auto transaction, database.begin());
    TRY_VOID(transaction.run(
        "UPDATE self SET relay_key = ?2 WHERE relay_key = ?1", self.relay_key, successor));
    if (transaction.changed() != 0)
        TRY_VOID(relay_word::note_followed(transaction, self.relay_key));
    TRY_VOID(std::move(transaction).commit());
    self.relay_key = successor;
    return {};
}

}  // namespace cercle::client
