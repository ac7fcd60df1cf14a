// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// People: the circle's directory as this device knows it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/self.h"
#include "crypto/hash.h"

namespace cercle::client {

struct Person {
    identity::MemberId member;
    std::string name;
    std::string role;
    identity::Sections sections{};
    /// Of the picture that is here.
    std::optional<crypto::Digest> picture{};
};

struct PersonDevice {
    identity::DeviceId device;
    identity::MemberId member;
    Bytes certificate;
    protocol::LogId inbox;
    Secret inbox_secret;
    WallTime added;
    std::optional<WallTime> revoked;
};

class People {
  public:
    explicit People(store::Database& database)
        : database_(database) {}

    /// Whom this device sees, by name.
    [[nodiscard]] Result<std::vector<Person>> all() const;
    /// Also whom it has seen once.
    [[nodiscard]] Result<std::optional<Person>> find(identity::MemberId member) const;
    [[nodiscard]] Result<std::vector<PersonDevice>> devices_of(identity::MemberId member) const;
    [[nodiscard]] Result<std::optional<PersonDevice>> device(identity::DeviceId device) const;

    /// A member's id in hex, or the exact name that one member alone has, and no other's name looks
    /// like. Errors: unknown, ambiguous, library_fault.
    [[nodiscard]] Result<identity::MemberId> resolve(std::string_view who) const;

    /// Somebody whose name is another, and can be taken for this one (identity/look_alike.h). `but`
    /// is left aside. Errors: library_fault.
    [[nodiscard]] Result<std::optional<Person>> look_alike(
        std::string_view name, std::optional<identity::MemberId> but = std::nullopt) const;

    /// Takes a page whose signature was verified. An old one changes nothing. What waits for the
    /// inbox of a device that has another secret by now is closed anew.
    [[nodiscard]] static Result<void> take_page(store::Transaction& transaction,
                                                Random& random,
                                                const identity::DirectoryPage& page);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
