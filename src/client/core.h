// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Core: one open device, as its parts share it. Everything in it belongs to one loop and one
// thread; database work is done in place, since a device has nothing to overlap it with.

#include <map>

#include "client/conversation.h"
#include "client/outbox.h"
#include "client/people.h"
#include "client/self.h"
#include "client/timeline.h"
#include "client/world.h"
#include "net/event.h"

namespace cercle::client {

struct Core {
    Core(World& surroundings, store::Database vault, Self owner)
        : world(surroundings),
          database(std::move(vault)),
          self(std::move(owner)),
          people(database),
          timeline(database),
          outbox(database),
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
    Outbox outbox;
    Conversations conversations;
    /// Something in the vault is new: whoever waits for it looks again.
    net::Signal changed;
    /// Why changes that left the outbox undone could not be done, by their place in it.
    std::map<std::int64_t, Error> failed_changes;
    /// There is something to do for the courier.
    net::Event work;
};

}  // namespace cercle::client
