// SPDX-License-Identifier: AGPL-3.0-or-later
#include <cstdio>
#include <format>

#include "apps/cli/glyphs.h"
#include "apps/cli/print.h"
#include "apps/cli/progress.h"
#include "apps/cli/qr.h"
#include "apps/cli/sentences.h"

namespace cercle::cli {
namespace {

void put(std::string line) {
    line += "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

std::string minute(std::uint64_t milliseconds) {
    const std::string time = time_text(milliseconds);
    return time.substr(0, 10) + " " + time.substr(11, 5);
}

void show(const client::Joined& joined) {
    put("Welcome. This device now belongs to the circle " + brief(joined.circle) + ".");
    put("  your member id  " + joined.member);
    put("  this device     " + joined.device);
    put("Next: `cercle contacts` shows whom you can reach; `cercle send NAME TEXT` writes.");
}

void show(const client::Status& status) {
    if (status.locked != 0) {
        put("locked       give the passphrase to see more");
        return;
    }
    put("circle       " + on_one_line(status.circle_name) + " (" + brief(status.circle) + ")");
    put("relay        " + std::string(status.online != 0 ? "connected" : "cannot be reached"));
    put("waiting      " + std::to_string(status.queued) + " to be sent");
    put("member       " + status.member);
    put("device       " + status.device);
}

void show(const client::Contact& contact) {
    put(std::format("{:<32} {:<20} {}",
                    on_one_line(contact.name),
                    on_one_line(contact.role),
                    brief(contact.member)));
}

void show(const client::DeviceShown& device) {
    put("  device " + brief(device.device) + "  since " + minute(device.added) +
        (device.revoked ? "  revoked " + minute(*device.revoked) : ""));
}

void show(const client::ConversationShown& conversation) {
    const std::string state = conversation.state == "closed" ? "  (closed)" : "";
    const std::string unread =
        conversation.unread == 0 ? "" : std::format("  {} unread", conversation.unread);
    put(std::format("{:<8} {:<32} {}{}{}",
                    conversation.kind,
                    on_one_line(conversation.name),
                    brief(conversation.conversation),
                    unread,
                    state));
}

/// What somebody said. Its further lines stand back, so that none can look like another message.
std::string said(const std::string& text) {
    std::string shown;
    for (const char character : harmless(text)) {
        shown.push_back(character);
        if (character == '\n') shown += "    ";
    }
    return shown;
}

void show(const client::Sent& sent) {
    if (sent.state == "durable") {
        put("sent");
    } else {
        put(sent.state + "  " + sent.id + "  " + said(sent.text));
    }
}

std::string answered(const client::Quoted& quoted) {
    if (quoted.sender.empty()) return " (answering what is not on this device)";
    return " (answering " + on_one_line(quoted.sender_name) + ", “" +
           on_one_line(quoted.text.empty() ? quoted.file : quoted.text) + "”)";
}

void show(const client::Message& message) {
    const std::string state = message.state == "durable" ? "" : "  [" + message.state + "]";
    const std::string answers = message.reply_to ? answered(*message.reply_to) : "";
    const std::string spoken = message.text.empty() ? "(a file)" : said(message.text);
    put(minute(message.at) + "  " + on_one_line(message.sender_name) + answers + ": " + spoken +
        state);
    if (!message.attachment) return;
    put("    " + on_one_line(message.attachment->name) + ", " +
        size_text(message.attachment->size) + "; to get it: cercle fetch " + message.id +
        " --out FILE");
}

void show(const client::Fetched& fetched) {
    put(on_one_line(fetched.attachment.name) + ", " + size_text(fetched.attachment.size) +
        ", is there, as it was sent");
}

void show(const client::FileProgress& progress) {
    show_progress(progress);
}

void show(const client::Gap& gap) {
    put("-- " + sentence_of(gap));
}

void show(const client::Membership& membership) {
    put((membership.action == "present" ? "  " : "-- ") + sentence_of(membership));
}

void show(const client::Notice& notice) {
    std::fflush(stdout);
    clear_progress();
    const std::string text = harmless(notice.sentence) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void show(const client::Reached& /*place*/) {}

void show(const client::Draft& /*text*/) {}

void show(const officer::Founded& founded) {
    put("The circle " + brief(founded.circle.circle) + " is founded on " + founded.circle.relay +
        ".");
    put("Next: `cercle officer serve` answers those who join;"
        " `cercle officer invite NAME` invites one.");
}

void show(const officer::Serving& serving) {
    put("Answering those who join the circle " + brief(serving.circle) + "; Ctrl-C ends it.");
}

void show(const officer::Invited& invited) {
    put(invited.text);
    put(terminal_qr(invited.text));
    if (invited.code) {
        put("second code  " + *invited.code + "   (send it by another way than the invitation)");
    }
    put("It can be used once, until " + minute(invited.expires) + " UTC:  cercle join INVITATION");
}

void show(const officer::MemberShown& shown) {
    show(shown.contact);
    for (const client::DeviceShown& device : shown.devices)
        show(device);
}

}  // namespace

void print_text(const client::Event& event) {
    std::visit([](const auto& one) { show(one); }, event);
}

void print_text(const officer::Event& event) {
    std::visit([](const auto& one) { show(one); }, event);
}

}  // namespace cercle::cli
