// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Core: one open device, as its parts share it. Everything in it belongs to one loop and one
// thread; database work is done in place, since a device has nothing to overlap it with.

#include <cstdint>
#include <map>

#include "client/attachments.h"
#include "client/conversation.h"
#include "client/outbox.h"
#include "client/people.h"
#include "client/reading.h"
#include "client/self.h"
#include "client/timeline.h"
#include "client/uploads.h"
#include "client/world.h"
#include "net/event.h"

namespace cercle::client {

/// How far a file on its way to the relay has come since this process began, in chunks.
struct Transfer {
    std::uint32_t done = 0;
    std::uint32_t total = 0;
};

/// A letter's place among those that wait (client/letters.h).
using LetterNumber = Number<struct LetterTag>;

struct Core {
    Core(World& surroundings, store::Database vault, Self owner)
        : world(surroundings),
          database(std::move(vault)),
          self(std::move(owner)),
          people(database),
          timeline(database),
          reading(database, self.member),
          outbox(database),
          attachments(database),
          uploads(database),
          conversations(database, self),
          changed(world.loop),
          work(world.loop) {}

    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() = default;

    World& world;
    store::Database database;
    Self self;
    People people;
    Timeline timeline;
    Reading reading;
    Outbox outbox;
    Attachments attachments;
    Uploads uploads;
    Conversations conversations;
    /// Something in the vault is new: whoever waits for it looks again.
    net::Signal changed;
    /// Why changes that left the outbox undone could not be done, by their place in it.
    std::map<std::int64_t, Error> failed_changes;
    std::map<envelope::MessageId, Transfer> transfers;
    /// Files that are being fetched.
    std::size_t fetches = 0;
    /// Why files do not go on, though the relay can be reached. They are tried again later.
    std::map<envelope::MessageId, Error> stalled_uploads;
    /// Why letters do not go on, though the relay can be reached. The same.
    std::map<LetterNumber, Error> refused_letters;
    /// Why cards do not go on, though the relay can be reached. The same.
    std::map<protocol::CardId, Error> refused_cards;
    /// Another device's inbox may have a new secret: what was refused under the old one is tried
    /// again.
    bool inboxes_turned = false;
    /// How often the relay's key package for a device was none that can be used.
    std::map<protocol::EntryId, std::uint32_t> spoiled_packages;
    /// There is something to do for the courier.
    net::Event work;
};

}  // namespace cercle::client
