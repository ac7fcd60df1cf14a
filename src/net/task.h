// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Task: a coroutine of ours. It ends in a Result; it never throws, and it does nothing until it is
// awaited, spawned in a TaskGroup (task_group.h) or run by a Loop (loop.h).
//
//     Task<Receipt> post(Bytes letter, Deadline deadline) {
//         CO_TRY(auto channel, co_await network.dial(address, key, deadline));
//         CO_TRY_VOID(co_await channel->send(std::move(letter), deadline));
//         ...
//
// A cancelled task is not torn down: the wait it stands in, and every later one, ends in
// Code::closing, and it runs to its end with that.
//
// Parameters by value, unless the caller awaits in the same expression; no capturing lambdas.
// The header of Asio below is the only one that leaves this folder.

#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace cercle::net {

template <class T>
using Task = boost::asio::awaitable<Result<T>>;

}  // namespace cercle::net
