// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/telling.h"

#include <utility>

#include "client/alarms.h"
#include "client/resets.h"
#include "client/shown.h"

namespace cercle::client {
namespace {

Result<AlarmShown> shown_alarm(Core& core, const Alarm& alarm) {
    AlarmShown shown{alarm.rule, {}, {}, {}, milliseconds(alarm.at)};
    if (alarm.device != identity::DeviceId{}) shown.device = alarm.device.hex();
    identity::MemberId member = alarm.member;
    TRY(const auto device, core.people.device(alarm.device));
    if (device && member == identity::MemberId{}) member = device->member;
    if (member != identity::MemberId{}) {
        shown.member = member.hex();
        shown.name = name_of(core, member);
    }
    return shown;
}

Result<void> show(Core& core, const std::vector<Alarm>& alarms, const EventSink& sink) {
    for (const Alarm& alarm : alarms) {
        TRY(auto shown, shown_alarm(core, alarm));
        sink(std::move(shown));
    }
    return {};
}

std::string kind_of(resets::Request::Kind kind) {
    switch (kind) {
        case resets::Request::Kind::Device:
            return "reset";
        case resets::Request::Kind::Name:
            return "name";
        case resets::Request::Kind::Unlisted:
            return "unlisted";
    }
    return "reset";
}

}  // namespace

Result<void> list_alarms(Core& core, const EventSink& sink) {
    Alarms alarms(core.database);
    TRY_VOID(alarms.take_untold());
    TRY(const auto all, alarms.all());
    return show(core, all, sink);
}

Result<void> tell_of_alarms(Core& core, const EventSink& sink) {
    TRY(const auto untold, Alarms(core.database).take_untold());
    return show(core, untold, sink);
}

Result<void> list_resets(Core& core, const EventSink& sink) {
    TRY(const auto requests, resets::requests(core));
    for (const resets::Request& one : requests) {
        sink(RequestShown{
            one.id, kind_of(one.kind), name_of(core, one.member), one.words, 0, one.name_before});
    }
    return {};
}

void tell_own_words(const Core& core, const EventSink& sink) {
    sink(Notice{"this device's words: " +
                resets::words_of(core.self.device, core.self.signature_key.public_key())});
}

}  // namespace cercle::client
