// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/sentences.h"

#include <format>

#include "apps/cli/glyphs.h"
#include "apps/cli/print.h"

namespace cercle::cli {
namespace {

std::string_view meaning_of(const std::string& reason) {
    if (reason == "id-reused") return "other words under the id of an earlier message";
    if (reason == "message-withheld") return "something written before this is missing";
    if (reason == "counter-repeated") return "this was sent by a device that has gone back in time";
    if (reason == "log-forked") return "the relay shows others something else than it shows you";
    if (reason == "log-cut-short") return "the relay has lost or hides what you have read already";
    if (reason == "log-begins-later") return "the relay no longer keeps what was written here";
    if (reason == "device-unlisted")
        return "this comes from a device that is in no list of the circle";
    if (reason == "revoked") return "this was sent by a device that had been reported lost";
    if (reason == "chain-broken")
        return "what the relay shows does not continue what you have read";
    return "something here could not be read";
}

}  // namespace

std::string brief(const std::string& id) {
    return id.substr(0, 8);
}

std::string sentence_of(const client::Membership& membership, std::string_view self) {
    const bool own = !self.empty() && membership.member == self;
    const std::string name = own                       ? "You"
                             : membership.name.empty() ? brief(membership.member)
                                                       : on_one_line(membership.name);
    if (membership.action == "present") return name;
    if (membership.action == "left") return name + (own ? " have left" : " has left");
    if (membership.action == "replaced") {
        return name + (own ? " are" : " is") + " back with another device: the one before was lost";
    }
    const bool by_self = !self.empty() && membership.by == self;
    const std::string by = by_self                      ? " by you"
                           : membership.by_name.empty() ? ""
                                                        : " by " + on_one_line(membership.by_name);
    return name + (own ? " were " : " was ") + membership.action + by;
}

std::string sentence_of(const client::AlarmShown& alarm) {
    const std::string who = alarm.name.empty() ? "Somebody" : on_one_line(alarm.name);
    std::string said = "something about the circle is not as it should be";
    if (alarm.rule == "directory-forked") {
        said = alarm.device.empty()
                   ? "the officer's list of members is not the one that you were shown before"
                   : who + " is shown another list of members than you";
    }
    if (alarm.rule == "office-forked") said = "two machines claim to be the officer's";
    if (alarm.rule == "directory-withheld") said = "a part of the list of members is kept from you";
    if (alarm.rule == "device-unasked") {
        said = "a device was added in your name, and not by this one: " + brief(alarm.device);
    }
    if (alarm.rule == "fact-hidden") {
        said = "the officer said something of you to others, and not to you";
    }
    if (alarm.rule == "policy-forked") said = "two policies of the circle bear one number";
    if (alarm.rule == "name-changed") said = "your own name or role in the circle was changed";
    if (alarm.rule == "member-renamed") {
        said =
            who + " was called otherwise before; nothing goes to them until you have accepted it";
    }
    if (alarm.rule == "device-unlisted") {
        said = "a device that is in no list of the circle reads along in the name of " + who +
               "; nothing is sent where it is";
    }
    return std::format("{} ({}); ask the officer, face to face", said, on_one_line(alarm.rule));
}

std::string sentence_of(const officer::ReportShown& report) {
    using State = officer::ReportShown::State;
    const auto told = [&report](std::string_view how) {
        return std::format("{}{} of {} phones unopened for {} days.",
                           how,
                           report.unopened,
                           report.phones,
                           report.days);
    };
    switch (report.state) {
        case State::Early:
            return std::format("Nothing yet: the report tells of {} days, and begins on {}.",
                               report.days,
                               time_text(report.from).substr(0, 10));
        case State::Exactly:
            return told("");
        case State::AtMost:
            return told("At most ");
        case State::AtLeast:
            return told("At least ");
        case State::Withheld:
            break;
    }
    return std::format(
        "Withheld: with {} phones, a figure could tell of fewer than {} of them; from {} phones on"
        " there is one.",
        report.phones,
        report.threshold,
        2 * report.threshold);
}

std::string sentence_of(const client::Gap& gap) {
    const std::string name = gap.name.empty() ? "" : on_one_line(gap.name) + ": ";
    return std::format("{}{} (between {} and {}; {})",
                       name,
                       meaning_of(gap.reason),
                       gap.after,
                       gap.before,
                       on_one_line(gap.reason));
}

}  // namespace cercle::cli
