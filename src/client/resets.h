// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Resets: devices of members who had one before, devices with another key than before, and members
// with another name than before, for which the officer alone vouches. It is what becomes of a lost
// phone, and what an officer would do who wants to read along, or to have a word go to the wrong
// one. So nothing goes to such a device, or to whoever bears such a name, before a person here has
// accepted it.

#include <string>
#include <string_view>
#include <vector>

#include "client/core.h"

namespace cercle::client::resets {

/// What a person is asked. Its id stands for the very key, or the very name, that was shown: what
/// comes afterwards is another request.
struct Request {
    enum class Kind : std::uint8_t { Device, Name, Unlisted } kind = Kind::Device;
    std::string id;  // hex
    identity::MemberId member;
    /// Of a device: over its key. The device shows the same ones.
    std::string words{};
    std::string name_before{};
};

/// Before a page is taken: notes whoever comes by it and had another device, and who is called
/// otherwise than before. Our own member's devices and name are no resets here; they are alarms
/// (alarms.h).
[[nodiscard]] Result<void> note(Core& core,
                                store::Transaction& transaction,
                                const identity::DirectoryPage& page,
                                WallTime at);

/// Those that nobody has accepted here, of devices that are not lost again; and those that nobody
/// can accept, since they are in no list (unlisted.h).
[[nodiscard]] Result<std::vector<Request>> requests(Core& core);

/// Whether what waits stands in a conversation: then nothing is closed in it.
[[nodiscard]] Result<bool> stands_in(Core& core, const Conversation& conversation);

[[nodiscard]] Result<bool> holds(Core& core, protocol::LogId log);

/// The request of that id; or a member's only one. Errors: unknown (none waits, or none that can be
/// accepted), ambiguous (several of his do).
[[nodiscard]] Result<void> accept(Core& core, const std::string& which);

/// Six words over a device's key, to be compared by two people.
[[nodiscard]] std::string words_of(identity::DeviceId device, BytesView signature_key);

}  // namespace cercle::client::resets
