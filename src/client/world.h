// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// World: what a device needs of the outside, handed in, so that a simulator can be all of it.

#include <chrono>

#include "base/clock.h"
#include "base/diary.h"
#include "base/random.h"
#include "crypto/argon2.h"
#include "net/channel.h"
#include "net/loop.h"
#include "store/disk.h"

namespace cercle::client {

struct World {
    net::Loop& loop;
    net::Network& network;
    const Clock& clock;
    Random& random;
    Diary& diary;
    store::Disk& disk;
    crypto::Argon2Cost vault_cost{};  // of vaults made here
    /// What this machine's zone is ahead of UTC at a moment; none: nothing.
    std::chrono::minutes (*zone)(WallTime moment) = nullptr;
};

}  // namespace cercle::client
