// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Self: who this device is, as its vault says.

#include <string>

#include "crypto/sign.h"
#include "identity/directory.h"
#include "mls/key_package.h"
#include "protocol/words.h"
#include "store/transaction.h"

namespace cercle::client {

struct Self {
    std::string relay;  // host:port
    identity::RelayFingerprint relay_key;
    identity::MemberId member;
    identity::DeviceId device;
    identity::Root root;
    Bytes certificate;
    crypto::SigningKey signature_key;
    crypto::SigningKey device_key;
    protocol::LogId inbox;
    Secret inbox_secret;
    crypto::SigningKey inbox_reader;
    identity::GroupSuite suite;  // the circle's policy

    [[nodiscard]] identity::CircleId circle() const { return root.circle(); }

    [[nodiscard]] mls::Credential credential() const { return mls::x509_credential({certificate}); }
};

/// The keys a device is born with, before anybody knows it.
struct Keys {
    crypto::SigningKey signature_key;
    crypto::SigningKey device_key;
    crypto::SigningKey inbox_reader;
    protocol::LogId inbox;
    Secret inbox_secret;

    [[nodiscard]] static Keys generate(Random& random);
};

/// Nothing when the device has not joined yet. Errors: store_corrupt, disk_fault.
[[nodiscard]] Result<std::optional<Self>> load_self(store::Database& database);

[[nodiscard]] Result<void> store_self(store::Transaction& transaction, const Self& self);

/// The public half of a key as the wire carries it; every key here has 32 bytes.
template <class Key>
[[nodiscard]] Key public_id(const crypto::SigningKey& key);

/// The relay has another key, which the one that is known here has made its successor
/// (net/succession.h): it is known from now on. A key that a trust file gave for one run is not in
/// the vault, and what it leads to stays out of it. Errors: those of the disk.
[[nodiscard]] Result<void> follow_relay(store::Database& database,
                                        Self& self,
                                        const identity::RelayFingerprint& successor);

}  // namespace cercle::client

template <class Key>
Key cercle::client::public_id(const crypto::SigningKey& key) {
    Key id;
    std::ranges::copy(key.public_key(), id.bytes.begin());
    return id;
}
