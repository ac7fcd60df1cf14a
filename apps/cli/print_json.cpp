// SPDX-License-Identifier: AGPL-3.0-or-later
#include <cstdio>
#include <format>

#include <nlohmann/json.hpp>

#include "apps/cli/glyphs.h"
#include "apps/cli/print.h"
#include "apps/cli/progress.h"
#include "base/clock.h"

namespace cercle::cli {
namespace {

using nlohmann::ordered_json;

ordered_json object(const char* type) {
    return {{"v", 1}, {"type", type}};
}

/// JSON may hold what would act on a terminal (DEL, U+0080 to U+009F, what turns a line around): it
/// is written as \u escapes, which mean the same to a reader and nothing to a terminal.
std::string escaped(const std::string& json) {
    std::string text;
    for (std::size_t at = 0; at < json.size();) {
        const auto lead = static_cast<unsigned char>(json[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        const std::string_view character = std::string_view(json).substr(at, length);
        at += length;
        if (length == 4 || !acts_on_terminal(character)) {
            text += character;
            continue;
        }
        int value = length == 1 ? lead : length == 2 ? lead & 0x1f : lead & 0x0f;
        for (const char part : character.substr(1))
            value = (value << 6) | (part & 0x3f);
        text += std::format("\\u{:04x}", value);
    }
    return text;
}

void put(const ordered_json& line) {
    // Whatever is no UTF-8 in a name or text was replaced long before; never throw over it.
    const std::string text =
        escaped(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

ordered_json text_or_null(const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

template <class T>
ordered_json or_null(const std::optional<T>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json circle_object(const char* type, const client::Joined& joined) {
    auto line = object(type);
    line["circle"] = joined.circle;
    line["member"] = joined.member;
    line["device"] = joined.device;
    line["relay"] = joined.relay;
    line["relay_key"] = joined.relay_key;
    return line;
}

ordered_json to_object(const client::Joined& joined) {
    return circle_object("join", joined);
}

ordered_json to_object(const client::Status& status) {
    auto line = object("status");
    line["locked"] = status.locked != 0;
    if (status.locked != 0) {
        line["online"] = false;
        for (const char* unknown : {"queued",
                                    "incarnation",
                                    "circle",
                                    "member",
                                    "device",
                                    "relay_confirmed",
                                    "officer_at",
                                    "officer_late",
                                    "officer"}) {
            line[unknown] = nullptr;
        }
        return line;
    }
    line["online"] = status.online != 0;
    line["queued"] = status.queued;
    line["incarnation"] = text_or_null(status.incarnation);
    line["circle"] = status.circle;
    line["circle_name"] = status.circle_name;
    line["member"] = status.member;
    line["device"] = status.device;
    line["relay_confirmed"] = status.relay_confirmed != 0;
    line["officer_at"] =
        status.officer_at != 0 ? ordered_json(status.officer_at) : ordered_json(nullptr);
    line["officer_late"] = status.officer_late != 0;
    line["officer"] = nullptr;
    if (status.officer) {
        line["officer"] = {{"member", status.officer->member},
                           {"name", status.officer->name},
                           {"how", status.officer->how},
                           {"since", time_text(status.officer->since)}};
    }
    return line;
}

ordered_json to_object(const client::Contact& contact) {
    auto line = object("contact");
    line["member"] = contact.member;
    line["name"] = contact.name;
    line["role"] = contact.role;
    line["sections"] = contact.sections;
    line["picture"] =
        contact.picture.empty() ? ordered_json(nullptr) : ordered_json(contact.picture);
    line["verified"] = false;
    line["changed"] = false;
    return line;
}

ordered_json to_object(const client::DeviceShown& device) {
    auto line = object("device");
    line["device"] = device.device;
    line["member"] = device.member;
    line["added"] = time_text(device.added);
    line["revoked"] = device.revoked ? ordered_json(time_text(*device.revoked)) : nullptr;
    return line;
}

ordered_json to_object(const client::ConversationShown& conversation) {
    auto line = object("conversation");
    line["conversation"] = conversation.conversation;
    line["kind"] = conversation.kind;
    line["name"] = conversation.name;
    line["state"] = conversation.state;
    line["peer"] = text_or_null(conversation.peer);
    line["unread"] = conversation.unread;
    line["read_to"] = conversation.read_to;
    line["last"] = nullptr;
    if (conversation.last) {
        line["last"] = {{"sender", conversation.last->sender},
                        {"sender_name", conversation.last->sender_name},
                        {"text", text_or_null(conversation.last->text)},
                        {"file", text_or_null(conversation.last->file)},
                        {"at", time_text(conversation.last->at)}};
    }
    return line;
}

ordered_json to_object(const client::Sent& sent) {
    auto line = object("sent");
    line["id"] = sent.id;
    line["conversation"] = sent.conversation;
    line["state"] = sent.state;
    line["seq"] = or_null(sent.seq);
    return line;
}

ordered_json attachment_object(const client::AttachmentShown& attachment) {
    return {{"name", attachment.name}, {"size", attachment.size}, {"sha256", attachment.sha256}};
}

ordered_json to_object(const client::Fetched& fetched) {
    auto line = object("fetched");
    line["id"] = fetched.id;
    line["attachment"] = attachment_object(fetched.attachment);
    return line;
}

ordered_json to_object(const client::Message& message) {
    auto line = object("message");
    line["id"] = message.id;
    line["conversation"] = message.conversation;
    line["seq"] = or_null(message.seq);
    line["epoch"] = message.epoch;
    line["sender"] = message.sender;
    line["sender_name"] = message.sender_name;
    line["sender_device"] = message.sender_device;
    line["kind"] = message.attachment ? "file" : "text";
    line["state"] = message.state;
    const bool file_alone = message.attachment && message.text.empty();
    line["text"] = file_alone ? ordered_json(nullptr) : ordered_json(message.text);
    line["attachment"] =
        message.attachment ? attachment_object(*message.attachment) : ordered_json(nullptr);
    line["reply_to"] =
        message.reply_to ? ordered_json(message.reply_to->message) : ordered_json(nullptr);
    line["recorded"] = false;
    if (!message.notify.empty()) line["notify"] = message.notify;
    line["at"] = time_text(message.at);
    return line;
}

ordered_json to_object(const client::Gap& gap) {
    auto line = object("gap");
    line["conversation"] = gap.conversation;
    line["after"] = gap.after;
    line["before"] = gap.before;
    line["reason"] = gap.reason;
    if (!gap.member.empty()) line["member"] = gap.member;
    return line;
}

ordered_json to_object(const client::Membership& membership) {
    auto line = object("member");
    line["conversation"] = membership.conversation;
    line["member"] = membership.member;
    line["name"] = membership.name;
    line["device"] = text_or_null(membership.device);
    line["action"] = membership.action;
    line["by"] = text_or_null(membership.by);
    line["epoch"] = membership.epoch;
    return line;
}

ordered_json to_object(const client::AlarmShown& alarm) {
    auto line = object("alarm");
    line["rule"] = alarm.rule;
    line["member"] = text_or_null(alarm.member);
    line["name"] = text_or_null(alarm.name);
    line["device"] = text_or_null(alarm.device);
    line["at"] = time_text(alarm.at);
    return line;
}

ordered_json to_object(const client::RequestShown& request) {
    auto line = object("request");
    line["request"] = request.request;
    line["kind"] = request.kind;
    line["member"] = text_or_null(request.member);
    line["words"] = text_or_null(request.words);
    line["expires"] =
        request.expires == 0 ? ordered_json(nullptr) : ordered_json(time_text(request.expires));
    line["text"] = text_or_null(request.text);
    return line;
}

ordered_json to_object(const client::CardShown& card) {
    auto line = object("card");
    line["card"] = card.card;
    line["label"] = card.label;
    line["tier"] = card.tier;
    line["state"] = card.state;
    line["leaked"] = card.leaked;
    line["text"] = or_null(card.text);
    line["answered_by"] = text_or_null(card.answered_by);
    line["answers_for"] = text_or_null(card.answers_for);
    return line;
}

ordered_json to_object(const client::QuietShown& quiet) {
    auto line = object("quiet");
    line["hours"] = text_or_null(quiet.hours);
    line["through"] = ordered_json::array();
    for (const client::QuietThrough& one : quiet.through)
        line["through"].push_back({{"member", one.member}, {"name", one.name}});
    return line;
}

ordered_json to_object(const client::PolicyShown& policy) {
    auto line = object("policy");
    line["number"] = policy.number;
    line["at"] = policy.number == 0 ? ordered_json(nullptr) : ordered_json(time_text(policy.at));
    line["suite"] = policy.suite;
    line["rules"] = ordered_json::array();
    for (const client::RuleShown& rule : policy.rules) {
        line["rules"].push_back({{"name", rule.name},
                                 {"value", rule.value},
                                 {"standing", rule.standing},
                                 {"sentence", rule.sentence}});
    }
    return line;
}

ordered_json to_object(const client::ReportTold& told) {
    auto line = object("reported");
    line["day"] = time_text(told.day).substr(0, 10);
    line["opened"] = told.opened != 0;
    line["before"] = told.opened != 0 ? ordered_json(told.before) : ordered_json(nullptr);
    line["policy"] = told.policy;
    line["state"] = told.state;
    return line;
}

ordered_json to_object(const officer::ReportShown& report) {
    using State = officer::ReportShown::State;
    auto line = object("report");
    const bool early = report.state == State::Early;
    const bool withheld = report.state == State::Withheld;
    line["state"] = early ? "early" : withheld ? "withheld" : "told";
    line["days"] = report.days;
    line["phones"] = early ? ordered_json(nullptr) : ordered_json(report.phones);
    const auto when = [&report](State state) {
        return report.state == state ? ordered_json(report.unopened) : ordered_json(nullptr);
    };
    line["unopened"] = when(State::Exactly);
    line["at_most"] = when(State::AtMost);
    line["at_least"] = when(State::AtLeast);
    line["threshold"] = report.threshold;
    line["policy"] = report.policy;
    line["from"] = time_text(report.from).substr(0, 10);
    return line;
}

ordered_json to_object(const officer::Founded& founded) {
    return circle_object("found", founded.circle);
}

ordered_json to_object(const officer::Serving& serving) {
    auto line = object("serving");
    line["circle"] = serving.circle;
    return line;
}

ordered_json to_object(const officer::Invited& invited) {
    auto line = object("invite");
    line["invitation"] = invited.invitation;
    line["text"] = invited.text;
    line["expires"] = time_text(invited.expires);
    line["code"] = or_null(invited.code);
    return line;
}

ordered_json to_object(const officer::DeviceLost& lost) {
    using State = officer::DeviceLost::State;
    auto line = object("lost");
    line["revocation"] = lost.revocation;
    line["device"] = lost.device.device;
    line["member"] = lost.device.member;
    line["name"] = lost.name;
    line["state"] = lost.state == State::Rehearsed ? "rehearsed"
                    : lost.state == State::Signed  ? "signed"
                                                   : "dropped";
    line["revoked"] = lost.device.revoked ? ordered_json(time_text(*lost.device.revoked)) : nullptr;
    line["inboxes"] = 1;
    // The relay tells nobody how many lie there: all of them go with the inbox.
    line["cards"] = nullptr;
    line["shares"] = nullptr;
    line["conversations"] = lost.conversations;
    return line;
}

ordered_json to_object(const officer::SectionShown& section) {
    auto line = object("section");
    line["name"] = text_or_null(section.name);
    line["members"] = section.members;
    return line;
}

ordered_json to_object(const officer::SightShown& sight) {
    auto line = object("sight");
    line["one"] = sight.one;
    line["other"] = sight.other;
    return line;
}

ordered_json to_object(const officer::LostProgress& progress) {
    auto line = object("progress");
    line["revocation"] = progress.revocation;
    line["devices"] = progress.devices;
    line["told"] = progress.told;
    line["done"] = progress.done;
    line["pending"] = progress.pending;
    return line;
}

ordered_json to_object(const officer::RequestWaiting& waiting) {
    return to_object(waiting.request);
}

ordered_json to_object(const officer::DeviceListed& listed) {
    auto line = to_object(listed.device);
    line["name"] = listed.name;
    line["until"] = time_text(listed.certified_until);
    return line;
}

ordered_json to_object(const officer::JournalShown& entry) {
    auto line = object("journal");
    line["number"] = entry.number;
    line["at"] = time_text(entry.at);
    line["act"] = entry.act;
    line["invitation"] = text_or_null(entry.invitation);
    line["member"] = text_or_null(entry.member);
    line["device"] = text_or_null(entry.device);
    line["name"] = text_or_null(entry.name);
    return line;
}

ordered_json to_object(const officer::JournalStands& stands) {
    auto line = object("journal_head");
    line["number"] = stands.number;
    line["head"] = stands.head;
    line["verified"] = stands.verified == officer::Verification::Yes;
    return line;
}

ordered_json to_object(const officer::BackupMade& backup) {
    auto line = object("backup");
    line["number"] = backup.number;
    line["head"] = backup.head;
    line["size"] = backup.size;
    return line;
}

ordered_json to_object(const officer::OfficeStands& stands) {
    using State = officer::OfficeStands::State;
    auto line = object("office");
    line["state"] = stands.state == State::Gathering ? "gathering"
                    : stands.state == State::Open    ? "open"
                                                     : "handed-over";
    line["devices"] = stands.devices;
    line["told"] = stands.told;
    line["unknown"] = stands.unknown;
    line["name"] = stands.name;
    return line;
}

void put_event(const client::Notice& notice) {
    const std::string text = harmless(notice.sentence) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void put_event(const client::Reached& /*place*/) {}

void put_event(const client::FileProgress& /*not for scripts*/) {}

void put_event(const client::Draft& /*text*/) {}

void put_event(const officer::MemberShown& shown) {
    put(to_object(shown.contact));
    for (const client::DeviceShown& device : shown.devices)
        put(to_object(device));
}

template <class Event>
void put_event(const Event& event) {
    put(to_object(event));
}

}  // namespace

void print_json(const client::Event& event) {
    std::visit([](const auto& one) { put_event(one); }, event);
}

void print_json(const officer::Event& event) {
    std::visit([](const auto& one) { put_event(one); }, event);
}

std::string time_text(std::uint64_t milliseconds) {
    return to_rfc3339(WallTime{Duration{static_cast<std::int64_t>(milliseconds)}});
}

void print_outcome(Format format, const client::Outcome& outcome) {
    if (outcome.rule.empty()) return;
    if (format == Format::Json) {
        const bool passes = outcome.exit == client::Exit::Queued ||
                            outcome.exit == client::Exit::Busy ||
                            outcome.exit == client::Exit::Timeout;
        auto line = object("error");
        line["code"] = static_cast<int>(outcome.exit);
        line["rule"] = outcome.rule;
        line["sentence"] = outcome.sentence;
        line["retry"] = passes;
        put(line);
        return;
    }
    std::fflush(stdout);
    clear_progress();
    const std::string text = "cercle: " + harmless(outcome.sentence) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace cercle::cli
