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
    if (status.relay_confirmed == 0) {
        paper.put("relay key    another one than the officer has said: ask him to confirm it");
    }
    if (status.officer_at != 0) {
        paper.put("officer      heard of " + minute(status.officer_at) +
                  (status.officer_late != 0 ? ", and not since: ask him by another way" : ""));
    }
    if (status.officer) {
        paper.put_said(std::format("office       {}, {} {} UTC",
                                   on_one_line(status.officer->name),
                                   status.officer->how == "restored"
                                       ? "on another machine since"
                                       : "to whom the office was handed over,",
                                   minute(status.officer->since)));
    }
    paper.put("waiting      " + std::to_string(status.queued) + " to be sent");
    paper.put("member       " + status.member);
    paper.put("device       " + status.device);
}

void show(Paper& paper, const client::Contact& contact) {
    paper.put_said(std::format("{:<32} {:<20} {}{}",
                               on_one_line(contact.name),
                               on_one_line(contact.role),
                               brief(contact.member),
                               contact.picture.empty() ? "" : "  picture"));
}

void show(Paper& paper, const client::DeviceShown& device) {
    paper.put("  device " + device.device + "  since " + minute(device.added) +
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

void show(Paper& paper, const client::AlarmShown& alarm) {
    paper.put_said("! " + sentence_of(alarm));
}

void show(Paper& /*paper*/, const client::Notice& notice) {
    std::fflush(stdout);
    clear_progress();
    const std::string text = harmless(notice.sentence) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

/// On the newcomer's screen.
void show_own_words(Paper& paper, const client::RequestShown& request) {
    paper.put("Read these six words to your officer, face to face or in a call in which you know");
    paper.put("each other's voice; never to anybody who only writes:");
    paper.put("");
    paper.put("    " + request.words);
    paper.put("");
    paper.put("This device joins as soon as the officer has approved it, until " +
              minute(request.expires) + " UTC.");
    paper.put("Ctrl-C does no harm: the same command goes on, with the same words.");
}

void show(Paper& paper, const client::RequestShown& request) {
    if (request.kind == "join") return show_own_words(paper, request);
    paper.put_said("request " + request.request + "  " + request.kind + "  " +
                   on_one_line(request.member));
    if (!request.words.empty()) paper.put("  words  " + request.words);
    const bool renamed = request.kind == "name";
    if (!request.text.empty()) {
        const bool asks = request.kind == "answering";
        const std::string what = renamed ? "  was called  " : asks ? "  card   " : "  says   ";
        paper.put_said(what + on_one_line(request.text));
    }
    if (request.kind == "reset") {
        paper.put(
            "  has another device, for which the officer alone vouches: ask, in another way,");
        paper.put("  whether it is his and shows these words (there:  cercle devices); then");
        paper.put("  cercle accept " + request.request);
    }
    if (renamed) {
        paper.put(
            "  for which the officer alone vouches: ask, in another way, whether this is who");
        paper.put("  you think; then  cercle accept " + request.request);
    }
    if (request.kind == "answering") {
        paper.put("  asks that you answer this card, as the one whom its holder reaches; if you");
        paper.put("  will:  cercle confirm " + request.request);
    }
    if (request.kind == "unlisted") {
        paper.put(
            "  has a device in a conversation that is in no list of the circle: it cannot be");
        paper.put("  accepted; ask the officer, and take the member out of that conversation");
    }
}

void show(Paper& /*paper*/, const client::Reached& /*place*/) {}

void show(Paper& /*paper*/, const client::Draft& /*text*/) {}

void show(Paper& paper, const client::CardShown& card) {
    if (card.text) {
        paper.put(*card.text);
        paper.put(terminal_qr(*card.text));
    }
    const std::string leaked =
        card.leaked == 0 ? "" : std::format("  used by others {} times", card.leaked);
    const std::string answered =
        !card.answered_by.empty()   ? "  answered by " + on_one_line(card.answered_by)
        : !card.answers_for.empty() ? "  answered for " + on_one_line(card.answers_for)
                                    : std::string();
    paper.put_said(std::format("{:<32} {:<6} {:<8} {}{}{}",
                               on_one_line(card.label),
                               card.tier,
                               card.state,
                               brief(card.card),
                               leaked,
                               answered));
    if (card.text && !card.answered_by.empty()) {
        paper.put("Whoever opens it first, claims it, and " + on_one_line(card.answered_by) +
                  " compares the words:  cercle requests");
    } else if (card.text) {
        paper.put(
            "Whoever opens it first, claims it:  cercle --home DIR join CARD;"
            " then compare the words:  cercle requests");
    }
}

void show(Paper& paper, const client::QuietShown& quiet) {
    if (quiet.hours.empty()) {
        paper.put("No quiet hours; set them with `cercle quiet --hours \"22:00-07:00\"`.");
    } else {
        paper.put("Quiet: " + on_one_line(quiet.hours) + ". Nothing rings then.");
    }
    for (const client::QuietThrough& one : quiet.through) {
        paper.put_said("  but " + (one.name.empty() ? brief(one.member) : on_one_line(one.name)));
    }
}

void show(Paper& paper, const client::PolicyShown& policy) {
    paper.put(policy.number == 0 ? "The officer has set no rules; all is as usual."
                                 : std::format("The circle's policy, number {}, of {} UTC:",
                                               policy.number,
                                               minute(policy.at)));
    for (const client::RuleShown& rule : policy.rules) {
        const char mark = rule.standing == "set" ? '*' : rule.standing == "unknown" ? '?' : ' ';
        paper.put_said(std::format("{} {:<17} {:<12} {}",
                                   mark,
                                   on_one_line(rule.name),
                                   on_one_line(rule.value),
                                   on_one_line(rule.sentence)));
    }
    paper.put(std::format(
        "  {:<17} {:<12} {}", "suite", policy.suite, "How conversations are encrypted; for good."));
}

void show(Paper& paper, const client::ReportTold& told) {
    const std::string said = told.opened == 0 ? "not opened since the report before"
                             : told.before >= 14
                                 ? "opened; the time before was 14 or more days earlier, or never"
                                 : std::format("opened; the time before was {} day{} earlier",
                                               told.before,
                                               told.before == 1 ? "" : "s");
    paper.put(std::format("{}  {}  (policy {}{})",
                          time_text(told.day).substr(0, 10),
                          said,
                          told.policy,
                          told.state == "queued" ? "; not sent yet" : ""));
}

void show(Paper& paper, const officer::ReportShown& report) {
    paper.put(sentence_of(report));
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

/// Without its words: they have to come from the newcomer (docs/decisions/0048).
void show(Paper& paper, const officer::RequestWaiting& waiting) {
    const client::RequestShown& request = waiting.request;
    paper.put_said(std::format("{:<32} {}  until {} UTC",
                               on_one_line(request.member),
                               request.request,
                               minute(request.expires)));
}

void show(Paper& paper, const officer::DeviceListed& listed) {
    paper.put_said(
        std::format("{:<32} {}  since {}  certified until {}{}",
                    on_one_line(listed.name),
                    brief(listed.device.device),
                    minute(listed.device.added),
                    minute(listed.certified_until).substr(0, 10),
                    listed.device.revoked ? "  revoked " + minute(*listed.device.revoked) : ""));
}

void show(Paper& paper, const officer::JournalShown& entry) {
    const std::string& subject = !entry.device.empty()   ? entry.device
                                 : !entry.member.empty() ? entry.member
                                                         : entry.invitation;
    paper.put_said(std::format("{:>6}  {}  {:<9} {:<8} {}",
                               entry.number,
                               minute(entry.at),
                               entry.act,
                               brief(subject),
                               on_one_line(entry.name)));
}

void show(Paper& paper, const officer::JournalStands& stands) {
    if (stands.verified == officer::Verification::Yes) {
        paper.put("The journal holds, from its first entry to its last, number " +
                  std::to_string(stands.number) + ".");
    }
    paper.put("head  " + stands.head);
}

void show(Paper& paper, const officer::Invited& invited) {
    paper.put(invited.text);
    paper.put(terminal_qr(invited.text));
    if (invited.code) {
        paper.put("second code  " + *invited.code +
                  "   (send it by another way than the invitation)");
    }
    paper.put("It can be used once, until " + minute(invited.expires) +
              " UTC:  cercle join INVITATION" + (invited.code ? " --code CODE" : ""));
    if (!invited.code) {
        paper.put(
            "Whoever joins by it reads six words to you; give them by `cercle officer approve`.");
    }
}

void show(Paper& paper, const officer::MemberShown& shown) {
    show(paper, shown.contact);
    for (const std::string& section : shown.contact.sections)
        paper.put_said("  section " + on_one_line(section));
    for (const client::DeviceShown& device : shown.devices)
        show(paper, device);
}

void show(Paper& paper, const officer::SectionShown& section) {
    const std::string name = section.name.empty() ? "(in none)" : on_one_line(section.name);
    paper.put_said(std::format("{:<32} {} members", name, section.members));
}

void show(Paper& paper, const officer::SightShown& sight) {
    paper.put_said(on_one_line(sight.one) + " and " + on_one_line(sight.other) + " see each other");
}

void show(Paper& paper, const officer::DeviceLost& lost) {
    using State = officer::DeviceLost::State;
    const std::string device = on_one_line(lost.name) + "'s device " + brief(lost.device.device);
    if (lost.state == State::Rehearsed) {
        paper.put_said("A rehearsal: nothing is done. " + device + " would lose:");
        paper.put("  its sessions with the relay, at once");
        paper.put("  its inbox, with all key packages and cards in it");
        paper.put("  its unlock share, if there is one");
        paper.put(std::format("  its place in every conversation, {} of yours among them",
                              lost.conversations));
        return;
    }
    paper.put_said(device + (lost.state == State::Dropped
                                 ? " is shut out: the relay has dropped it."
                                 : " is reported lost; the relay does not know it yet."));
    paper.put(std::format("  revocation {}", lost.revocation));
}

void show(Paper& paper, const officer::LostProgress& progress) {
    paper.put(
        std::format("  {} devices to tell; {} know of it, {} have done all, {} conversations"
                    " wait",
                    progress.devices,
                    progress.told,
                    progress.done,
                    progress.pending));
}

void show(Paper& paper, const officer::BackupMade& backup) {
    paper.put("The backup is made, up to entry " + std::to_string(backup.number) +
              " of the journal. Note, elsewhere than beside it:");
    paper.put("head  " + backup.head);
}

void show(Paper& paper, const officer::OfficeStands& stands) {
    using State = officer::OfficeStands::State;
    if (stands.state == State::Gathering) {
        paper.put(std::format(
            "Restored. {} of {} devices have told what they know.", stands.told, stands.devices));
        if (stands.unknown != 0) {
            paper.put(std::format("Of {} members nobody has told who they are.", stands.unknown));
        }
        return;
    }
    if (stands.state == State::Open) {
        paper.put_said("In office: " + on_one_line(stands.name) + ".");
        return;
    }
    paper.put_said("The office is handed over to " + on_one_line(stands.name) +
                   ". Give the file, and its passphrase by another way; there, on an empty home:"
                   "  cercle officer restore FILE");
    paper.put("This machine is a member's from now on.");
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
