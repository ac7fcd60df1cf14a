// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/beside.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

constexpr Duration dial_patience = 10s;

}  // namespace

net::Task<std::unique_ptr<Session>> open_beside(Core& core, net::Deadline deadline) {
    CO_TRY(const auto address, net::Address::parse(core.self.relay));
    co_return co_await Session::open(
        core.world,
        address,
        {core.self.relay_key.bytes},
        Session::Who::Device,
        &core.self.device_key,
        [](const News& /*not asked for*/) {},
        core.world.loop.in(dial_patience).but_at_most(deadline));
}

bool worth_another_connection(Code code) {
    return code == Code::unreachable_peer || code == Code::deadline_passed ||
           code == Code::malformed;
}

}  // namespace cercle::client
