// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Halls: the directory's conversations, as the officer keeps them (decision 60). Each device of the
// circle stands in one; those of one hall belong to members of the same sections, and so are shown
// the same. A hall has room for a number of devices, so that its commits and Welcomes fit into what
// a relay takes, however large the circle is. The officer is in all of them, and writes to each
// what its members see.

#include <optional>
#include <vector>

#include "client/core.h"
#include "officer/register.h"

namespace cercle::officer {

struct Hall {
    protocol::LogId log;
    identity::Sections sections;
};

namespace halls {

/// Devices in one.
inline constexpr std::int64_t room = 64;

/// A circle that was founded before there were several has one, and everybody is in it.
[[nodiscard]] Result<void> adopt(store::Transaction& transaction);

[[nodiscard]] Result<std::vector<Hall>> all(store::Transaction& transaction);
[[nodiscard]] Result<std::vector<Hall>> all(store::Database& database);

/// Where a device stands, or is to stand.
[[nodiscard]] Result<std::optional<Hall>> of(store::Transaction& transaction,
                                             identity::DeviceId device);

/// One for members of these sections in which there is room for so many; begun if there is none.
[[nodiscard]] Result<Hall> with_room(client::Core& core,
                                     const identity::Sections& sections,
                                     std::int64_t devices = 1);

[[nodiscard]] Result<void> seat(store::Transaction& transaction,
                                identity::DeviceId device,
                                protocol::LogId hall);

/// Everything that the officer says to everybody.
[[nodiscard]] Result<void> write_to_all(client::Core& core,
                                        store::Transaction& transaction,
                                        std::string_view type,
                                        BytesView body);

/// Signed pages for one hall's devices.
[[nodiscard]] Result<void> publish(client::Core& core,
                                   store::Transaction& transaction,
                                   const identity::Authority& authority,
                                   const Hall& hall,
                                   const std::vector<identity::DirectoryPage>& pages);

}  // namespace halls

}  // namespace cercle::officer
