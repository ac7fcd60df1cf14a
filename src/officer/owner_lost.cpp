// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The commands about lost devices: officer lost, officer devices, officer invite --replaces.
#include <algorithm>
#include <utility>

#include "client/lost.h"
#include "client/shown.h"
#include "officer/lost.h"
#include "officer/owner.h"

namespace cercle::officer {
namespace {

using client::Device;
using client::PersonDevice;

bool is_lost(const PersonDevice& one) {
    return one.revoked.has_value();
}

Result<DeviceLost> lost_event(client::Core& core,
                              const PersonDevice& one,
                              DeviceLost::State state) {
    DeviceLost event;
    TRY(const auto person, core.people.find(one.member));
    if (person) event.name = person->name;
    event.device = shown(one);
    event.state = state;
    TRY(event.conversations, conversations_with(core, one.device));
    TRY(const auto number, revocation_of(core.database, one.device));
    if (number) event.revocation = number->value;
    return event;
}

Result<void> rehearse(client::Core& core,
                      const std::vector<PersonDevice>& devices,
                      const EventSink& sink) {
    TRY(const auto holding, client::lost::holding(core.database));
    identity::RevocationNumber next = holding.newest;
    for (const PersonDevice& one : devices) {
        if (one.revoked) continue;
        next = next.next();
        TRY(auto event, lost_event(core, one, DeviceLost::State::Rehearsed));
        event.revocation = next.value;
        sink(event);
    }
    TRY(const auto spread, spread_of(core, next));
    const auto going = static_cast<std::uint32_t>(
        devices.size() - static_cast<std::size_t>(std::ranges::count_if(devices, is_lost)));
    sink(LostProgress{next.value, spread.devices - going, 0, 0, 0});
    return {};
}

}  // namespace

Result<std::vector<PersonDevice>> OfficerOwner::devices_called(client::Core& core,
                                                               const std::string& which) const {
    std::vector<PersonDevice> found;
    const auto id = identity::DeviceId::from_hex(which);
    if (id) {
        TRY(auto device, core.people.device(*id));
        if (device) found.push_back(*std::move(device));
    }
    if (found.empty()) {
        TRY(const auto member, core.people.resolve(which));
        TRY(found, core.people.devices_of(member));
    }
    for (const PersonDevice& one : found) {
        if (one.device != core.self.device) continue;
        return fail(Code::invalid_argument,
                    "that is the officer's own device; an office whose machine is lost is handed on"
                    " by its backup: officer restore");
    }
    return found;
}

Result<client::Person> OfficerOwner::replaced(client::Core& core, const std::string& which) const {
    TRY(const auto called, devices_called(core, which));
    if (called.empty()) return fail(Code::unknown, "that member never had a device");
    TRY(auto person, core.people.find(called.front().member));
    if (!person) return fail(Code::store_corrupt, "a device of nobody");
    TRY(const auto devices, core.people.devices_of(person->member));
    if (!std::ranges::all_of(devices, is_lost)) {
        return fail(Code::invalid_argument,
                    "that member has a device that was not reported lost; first: officer lost");
    }
    return *std::move(person);
}

net::Task<void> OfficerOwner::report_lost(ReportLost command,
                                          client::Waiting waiting,
                                          const EventSink& sink) {
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    CO_TRY(auto devices, devices_called(core, command.which));
    if (devices.empty()) co_return fail(Code::unknown, "that member has no device");
    std::vector<PersonDevice> going;
    for (PersonDevice& one : devices) {
        if (!one.revoked) going.push_back(std::move(one));
    }
    if (command.act == ReportLost::Act::Rehearse) {
        if (going.empty()) co_return fail(Code::already_exists, "that was reported lost already");
        co_return rehearse(core, going, sink);
    }
    if (!going.empty()) CO_TRY_VOID(opened->lose(going));
    const auto dropped = [opened]() -> Result<bool> { return opened->all_given(); };
    const auto waited = co_await own->wait_until(dropped, waiting.patience, waiting.deadline);
    identity::RevocationNumber newest;
    CO_TRY(devices, devices_called(core, command.which));
    for (const PersonDevice& one : devices) {
        CO_TRY(
            const auto event,
            lost_event(core, one, waited ? DeviceLost::State::Dropped : DeviceLost::State::Signed));
        newest = std::max(newest, identity::RevocationNumber{event.revocation});
        sink(event);
    }
    if (!waited && waited.error().code == Code::closing) co_return waited;
    if (!waited) {
        co_return fail(Code::unreachable_peer,
                       "signed, and kept; the relay drops the device as soon as it is reached");
    }
    co_return co_await tell_progress(core, newest, waiting, sink);
}

net::Task<void> OfficerOwner::tell_progress(client::Core& core,
                                            identity::RevocationNumber number,
                                            client::Waiting waiting,
                                            const EventSink& sink) {
    CO_TRY(Device * own, device());
    std::optional<Spread> told;
    const auto over = [&]() -> Result<bool> {
        TRY(const Spread now, spread_of(core, number));
        if (told != now) {
            sink(LostProgress{number.value, now.devices, now.told, now.done, now.pending});
        }
        told = now;
        return now.over();
    };
    if (waiting.patience == Device::Patience::UntilUnreachable) {
        // Nobody has asked to wait for the others: as far as this device itself has come.
        const auto settled = co_await own->settle(waiting.patience, waiting.deadline);
        if (!settled && settled.error().code == Code::closing) co_return settled;
        CO_TRY_VOID(over());
        co_return Result<void>();
    }
    const auto waited = co_await own->wait_until(over, waiting.patience, waiting.deadline);
    if (waited || waited.error().code != Code::deadline_passed) co_return waited;
    co_return fail(Code::deadline_passed,
                   "the relay has dropped it; not every device has been online since: the same"
                   " command tells how far they have come");
}

}  // namespace cercle::officer
