// SPDX-License-Identifier: AGPL-3.0-or-later
#include <cstdio>
#include <format>
#include <optional>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "apps/cli/folding.h"
#include "apps/cli/glyphs.h"
#include "apps/cli/print.h"
#include "apps/cli/progress.h"
#include "apps/cli/qr.h"
#include "apps/cli/sentences.h"

namespace cercle::cli {
namespace {

/// What is printed: lines of ours, and lines with others' words in them.
class Paper {
  public:
    explicit Paper(std::optional<int> columns)
        : columns_(columns) {}

    void put(std::string_view line) { lines_.append(line).push_back('\n'); }

    /// None of its further lines, the text's or the terminal's, can look like one of ours.
    void put_said(std::string_view line) { put(folded(line, columns_)); }

    [[nodiscard]] const std::string& lines() const { return lines_; }

  private:
    std::optional<int> columns_;
    std::string lines_;
};

/// Of standard output; nothing if it is no terminal.
std::optional<int> columns_of_output() {
    if (isatty(STDOUT_FILENO) == 0) return std::nullopt;
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

void write_out(const std::string& lines) {
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    std::fflush(stdout);
}

std::string minute(std::uint64_t milliseconds) {
    const std::string time = time_text(milliseconds);
    return time.substr(0, 10) + " " + time.substr(11, 5);
}

void show(Paper& paper, const client::Joined& joined) {
    if (joined.circle.empty()) {
        paper.put("The card is opened. This home reaches its owner, and nobody else.");
        return;
    }
    paper.put("Welcome. This device now belongs to the circle " + brief(joined.circle) + ".");
    paper.put("  your member id  " + joined.member);
    paper.put("  this device     " + joined.device);
    paper.put("Next: `cercle contacts` shows whom you can reach; `cercle send NAME TEXT` writes.");
}

void show(Paper& paper, const client::Status& status) {
    if (status.locked != 0) {
        paper.put("locked       give the passphrase to see more");
        return;
    }
    if (status.circle.empty()) {
        paper.put("guest        of the owner of one card; see: cercle contacts");
    } else {
        paper.put_said("circle       " + on_one_line(status.circle_name) + " (" +
                       brief(status.circle) + ")");
    }
    paper.put("relay        " +
              std::string(status.online != 0 ? "connected" : "cannot be reached"));
    paper.put("waiting      " + std::to_string(status.queued) + " to be sent");
    paper.put("member       " + status.member);
    paper.put("device       " + status.device);
}

void show(Paper& paper, const client::Contact& contact) {
    paper.put_said(std::format("{:<32} {:<20} {}",
                               on_one_line(contact.name),
                               on_one_line(contact.role),
                               brief(contact.member)));
}

void show(Paper& paper, const client::DeviceShown& device) {
    paper.put("  device " + brief(device.device) + "  since " + minute(device.added) +
              (device.revoked ? "  revoked " + minute(*device.revoked) : ""));
}

void show(Paper& paper, const client::ConversationShown& conversation) {
    const std::string state = conversation.state == "closed" ? "  (closed)" : "";
    const std::string unread =
        conversation.unread == 0 ? "" : std::format("  {} unread", conversation.unread);
    paper.put_said(std::format("{:<8} {:<32} {}{}{}",
                               conversation.kind,
                               on_one_line(conversation.name),
                               brief(conversation.conversation),
                               unread,
                               state));
}

void show(Paper& paper, const client::Sent& sent) {
    if (sent.state == "durable") {
        paper.put("sent");
    } else {
        paper.put_said(sent.state + "  " + sent.id + "  " + sent.text);
    }
}

std::string answered(const client::Quoted& quoted) {
    if (quoted.sender.empty()) return " (answering what is not on this device)";
    return " (answering " + on_one_line(quoted.sender_name) + ", “" +
           on_one_line(quoted.text.empty() ? quoted.file : quoted.text) + "”)";
}

/// A text, or what stands in its place.
std::string spoken(const client::Message& message) {
    if (!message.text.empty()) return message.text;
    return message.attachment ? "(a file)" : "(an empty text)";
}

void show(Paper& paper, const client::Message& message) {
    // Before the text, which may end in any words.
    const std::string state = message.state == "durable" ? "" : " [" + message.state + "]";
    const std::string answers = message.reply_to ? answered(*message.reply_to) : "";
    paper.put_said(minute(message.at) + "  " + on_one_line(message.sender_name) + state + answers +
                   ": " + spoken(message));
    if (!message.attachment) return;
    paper.put_said("    " + on_one_line(message.attachment->name) + ", " +
                   size_text(message.attachment->size));
    paper.put("    to get it: cercle fetch " + message.id + " --out FILE");
}

void show(Paper& paper, const client::Fetched& fetched) {
    paper.put_said("It is there, as it was sent: " + on_one_line(fetched.attachment.name) + ", " +
                   size_text(fetched.attachment.size));
}

void show(Paper& /*paper*/, const client::FileProgress& progress) {
    show_progress(progress);
}

void show(Paper& paper, const client::Gap& gap) {
    paper.put_said("-- " + sentence_of(gap));
}

void show(Paper& paper, const client::Membership& membership) {
    paper.put_said((membership.action == "present" ? "  " : "-- ") + sentence_of(membership));
}

void show(Paper& /*paper*/, const client::Notice& notice) {
    std::fflush(stdout);
    clear_progress();
    const std::string text = harmless(notice.sentence) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void show(Paper& /*paper*/, const client::Reached& /*place*/) {}

void show(Paper& /*paper*/, const client::Draft& /*text*/) {}

void show(Paper& paper, const client::RequestShown& request) {
    paper.put_said("request " + request.request + "  " + request.kind + "  " +
                   on_one_line(request.member));
    if (!request.words.empty()) paper.put("  words  " + request.words);
    if (!request.text.empty()) paper.put_said("  says   " + on_one_line(request.text));
}

void show(Paper& paper, const client::CardShown& card) {
    if (card.text) {
        paper.put(*card.text);
        paper.put(terminal_qr(*card.text));
    }
    const std::string leaked =
        card.leaked == 0 ? "" : std::format("  used by others {} times", card.leaked);
    paper.put_said(std::format("{:<32} {:<6} {:<8} {}{}",
                               on_one_line(card.label),
                               card.tier,
                               card.state,
                               brief(card.card),
                               leaked));
    if (card.text) {
        paper.put(
            "Whoever opens it first, claims it:  cercle --home DIR join CARD;"
            " then compare the words:  cercle requests");
    }
}

void show(Paper& paper, const officer::Founded& founded) {
    paper.put("The circle " + brief(founded.circle.circle) + " is founded on " +
              founded.circle.relay + ".");
    paper.put(
        "Next: `cercle officer serve` answers those who join;"
        " `cercle officer invite NAME` invites one.");
}

void show(Paper& paper, const officer::Serving& serving) {
    paper.put("Answering those who join the circle " + brief(serving.circle) + "; Ctrl-C ends it.");
}

void show(Paper& paper, const officer::Invited& invited) {
    paper.put(invited.text);
    paper.put(terminal_qr(invited.text));
    if (invited.code) {
        paper.put("second code  " + *invited.code +
                  "   (send it by another way than the invitation)");
    }
    paper.put("It can be used once, until " + minute(invited.expires) +
              " UTC:  cercle join INVITATION");
}

void show(Paper& paper, const officer::MemberShown& shown) {
    show(paper, shown.contact);
    for (const client::DeviceShown& device : shown.devices)
        show(paper, device);
}

template <class Event>
std::string printed(const Event& event, std::optional<int> columns) {
    Paper paper(columns);
    std::visit([&paper](const auto& one) { show(paper, one); }, event);
    return paper.lines();
}

}  // namespace

std::string text_of(const client::Event& event, std::optional<int> columns) {
    return printed(event, columns);
}

void print_text(const client::Event& event) {
    write_out(printed(event, columns_of_output()));
}

void print_text(const officer::Event& event) {
    write_out(printed(event, columns_of_output()));
}

}  // namespace cercle::cli
