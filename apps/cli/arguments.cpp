// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/arguments.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/cli/picture_file.h"
#include "apps/cli/print.h"

namespace cercle::cli {
namespace {

/// No text or invitation that is read from standard input is longer.
constexpr std::size_t longest_input = std::size_t{1} << 20U;

/// What stands for "-": all of standard input, without its last line end.
std::string read_input() {
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() <= longest_input && std::cin.read(part.data(), part.size()).gcount() > 0) {
        text.append(part.data(), static_cast<std::size_t>(std::cin.gcount()));
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

std::string given_or_input(const std::string& word) {
    return word == "-" ? read_input() : word;
}

/// "90", "90s", "30m", "24h", "7d" as seconds; an empty text if it fits.
std::string check_span(const std::string& text, std::uint32_t& seconds) {
    const std::string units = "smhd";
    const std::array<std::uint64_t, 4> lengths{1, 60, 3600, 86400};
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        ++digits;
    const std::string unit = text.substr(digits);
    const auto which = unit.empty() ? 0 : unit.size() == 1 ? units.find(unit) : std::string::npos;
    if (digits == 0 || digits > 7 || which == std::string::npos) {
        return "a span of time is a number with s, m, h or d behind it, such as 24h";
    }
    const std::uint64_t span = std::stoull(text.substr(0, digits)) * lengths.at(which);
    if (span == 0 || span > 86400ULL * 365) return "a span of time between 1s and 365d";
    seconds = static_cast<std::uint32_t>(span);
    return {};
}

constexpr const char* policy_examples =
    "Examples:\n"
    "  cercle officer policy                              shows all rules\n"
    "  cercle officer policy --set cards=minister,aide    only whose role is one of these makes "
    "cards\n"
    "  cercle officer policy --set cards.tier=knock --set files.largest=10MiB\n"
    "  cercle officer policy --set guests=no              nobody from outside is taken on\n"
    "  cercle officer policy --set groups=                who creates groups is as usual again\n"
    "  cercle officer policy --set report=on --set report.threshold=8";

/// Everything that can be typed, with the places where CLI11 puts it.
class Grammar {
  public:
    Grammar() {
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.set_version_flag("--version", "cercle 0.1.0");
        app_.add_option("--home", home_, "the directory in which this device lives")
            ->envname("CERCLE_HOME");
        app_.add_flag("--json", json_, "one JSON object a line on standard output");
        app_.add_option("--pass-file", pass_file_, "a file that holds the vault's passphrase")
            ->envname("CERCLE_PASS_FILE");
        app_.add_option(
                "--timeout", timeout_, "seconds to wait for others, however long they are away")
            ->check(CLI::Range(0, 86400));
        app_.add_option("--trust-file", trust_file_, "other trust anchors: lines relay, relay-key");
        app_.add_flag("--diary", diary_, "say on standard error what went wrong underneath");
        add_member_commands();
        add_conversation_commands();
        add_group_commands();
        add_card_commands();
        add_quiet_command();
        add_request_commands();
        add_officer_commands();
        add_qr_command();
    }

    CLI::App& app() { return app_; }

    [[nodiscard]] std::string problem() const { return problem_; }

    Arguments take() {
        Arguments arguments;
        arguments.settings.home = home_;
        if (timeout_ >= 0) arguments.settings.timeout = std::chrono::seconds(timeout_);
        if (!trust_file_.empty()) arguments.settings.trust_file = trust_file_;
        if (!pass_file_.empty()) arguments.pass_file = pass_file_;
        arguments.picture = picture_;
        if (diary_) arguments.settings.diary = client::Diaries::Standard;
        arguments.format = format();
        if (chosen_) arguments.command = *std::move(chosen_);
        return arguments;
    }

    [[nodiscard]] Format format() const { return json_ ? Format::Json : Format::Text; }

    /// Whether it is known where the device lives, for what needs to know.
    [[nodiscard]] bool has_home() const {
        return !home_.empty() || (chosen_ && std::holds_alternative<ShowQr>(*chosen_));
    }

  private:
    void choose(client::Command command) { chosen_ = std::move(command); }

    void choose(officer::Command command) { chosen_ = std::move(command); }

    void choose(ShowQr command) { chosen_ = std::move(command); }

    void choose(OpenChat command) { chosen_ = command; }

    void add_member_commands() {
        auto* join = app_.add_subcommand("join", "become a device of a circle, or open a card");
        join->add_option("invitation", first_, "the invitation's or card's text, or - to read it")
            ->required();
        join->add_option("--code", second_, "the second code of an unattended invitation");
        join->add_option(
            "--introduction", third_, "who opens a card says here who he is, in plain text");
        join->callback([this] { choose(client::Join{given_or_input(first_), second_, third_}); });
        auto* status =
            app_.add_subcommand("status", "who this device is, and whether anything waits");
        status->add_flag(
            "--reports", reports_, "instead: all that was told the officer of its use");
        status->callback([this] {
            if (reports_) return choose(client::ListReports{});
            choose(client::ShowStatus{});
        });
        status->footer(
            "Examples:\n"
            "  cercle status\n"
            "  cercle status --reports     each report: its day, what it said, under which policy");
        auto* policy = app_.add_subcommand("policy", "the rules that the officer has set for all");
        policy->footer(
            "Examples:\n"
            "  cercle policy           in sentences; * is set, ? is not known to this version\n"
            "  cercle --json policy");
        policy->callback([this] { choose(client::ShowPolicy{}); });
        auto* contacts = app_.add_subcommand("contacts", "the people of the circle");
        contacts->add_option(
            "--pictures", file_, "a directory for their pictures, as files named by their SHA-256");
        contacts->callback([this, contacts] {
            if (contacts->count("--pictures") > 0 && file_.empty()) {
                problem_ = "--pictures wants the name of a directory";
            }
            choose(client::ListContacts{to_bytes(file_)});
        });
        auto* devices = app_.add_subcommand("devices", "your own devices, or a member's");
        devices->add_option("member", first_, "a member's name or id");
        devices->callback([this] { choose(client::ListDevices{first_}); });
    }

    void add_qr_command() {
        auto* code = app_.add_subcommand("qr", "a text as a QR code in the terminal");
        code->add_option("text", first_, "the text, or - to read it")->required();
        code->callback([this] { choose(ShowQr{given_or_input(first_)}); });
    }

    void add_conversation_commands() {
        auto* send =
            app_.add_subcommand("send", "send a text, a file or both to a member or a group");
        send->add_option("to", first_, "a member, group or conversation, by name or id")
            ->required();
        auto* text = send->add_option("text", second_, "the text, or - to read it");
        send->add_option("--file", file_, "a file that goes with it, or alone; 100 MiB at most");
        send->add_option("--id", third_, "names the message, so that a repetition sends it once");
        send->add_option("--reply", fourth_, "the id of the message that this one answers to");
        send->callback([this, send, text] {
            const bool has_file = send->count("--file") > 0;
            if (!has_file && text->count() == 0) problem_ = "say what to send: a text, or --file";
            if (has_file && file_.empty()) problem_ = "--file wants the name of a file";
            choose(client::Send{first_, given_or_input(second_), third_, to_bytes(file_), fourth_});
        });
        auto* fetch = app_.add_subcommand("fetch", "bring the file that a message carries");
        fetch->add_option("message", first_, "the message's id, as read shows it")->required();
        fetch->add_option("--out", file_, "where to put it: a name that nothing has yet")
            ->required();
        fetch->add_option("--in", second_, "the conversation's id, if several use the message's");
        fetch->add_option("--from", third_, "the author, if several have used the message's id");
        fetch->callback([this] {
            if (file_.empty()) problem_ = "--out wants the name of a file";
            choose(client::Fetch{first_, to_bytes(file_), second_, third_});
        });
        auto* read = app_.add_subcommand("read", "what was said");
        read->add_option("of", first_, "a member, group or conversation; everything without it");
        read->add_option("--after", after_, "only what lies behind this position of the log");
        read->add_option("--limit", limit_, "only the newest so many");
        read->add_flag("--follow", follow_, "and what is said from now on, until interrupted");
        read->callback([this] {
            choose(client::Read{
                first_, after_, limit_, follow_ ? client::Follow::Yes : client::Follow::No});
        });
        app_.add_subcommand("chat", "talk, on the whole terminal")->callback([this] {
            choose(OpenChat{});
        });
        auto* sync = app_.add_subcommand("sync", "exchange everything with the relay");
        sync->add_option("--wait", wait_, "stay for so many seconds")->check(CLI::Range(0, 86400));
        sync->callback([this] { choose(client::Sync{wait_}); });
        app_.add_subcommand("outbox", "what has not been sent yet")->callback([this] {
            choose(client::ListOutbox{});
        });
        app_.add_subcommand("alarms", "what you must hear of about the circle itself")
            ->callback([this] { choose(client::ListAlarms{}); });
        auto* accept = app_.add_subcommand(
            "accept",
            "say that a member's new device or name is his, for which the officer alone vouches");
        accept->add_option("member", first_, "a member's name or id, or a request's id")
            ->required();
        accept->callback([this] { choose(client::AcceptMember{first_}); });
        auto* release = app_.add_subcommand("release", "let a held message go");
        release->add_option("message", first_, "its id")->required();
        release->callback([this] { choose(client::ReleaseMessage{first_}); });
        app_.add_subcommand("conversations", "groups and direct conversations")->callback([this] {
            choose(client::ListConversations{});
        });
    }

    void add_group_commands() {
        auto* group = app_.add_subcommand("group", "conversations of several");
        group->require_subcommand(1);
        auto* create = group->add_subcommand("create", "begin a group");
        create->add_option("name", first_, "what it is called")->required();
        create->add_option("members", names_, "who is in it beside you")->required();
        create->callback([this] { choose(client::CreateGroup{first_, names_}); });
        add_change(*group, "add", "take a member in", client::ChangeGroup::Act::Add);
        add_change(*group, "remove", "put a member out", client::ChangeGroup::Act::Remove);
        auto* leave = group->add_subcommand("leave", "go");
        leave->add_option("group", first_, "its name or id")->required();
        leave->callback(
            [this] { choose(client::ChangeGroup{client::ChangeGroup::Act::Leave, first_, {}}); });
        auto* members = group->add_subcommand("members", "who is in it");
        members->add_option("group", first_, "its name or id")->required();
        members->callback([this] { choose(client::ListGroupMembers{first_}); });
    }

    void add_card_commands() {
        auto* card = app_.add_subcommand("card", "addresses for people outside of the circle");
        card->require_subcommand(1);
        auto* create = card->add_subcommand("create", "make a card for one person");
        create->add_option("label", first_, "for whom it is; nobody but you will see it")
            ->required();
        create->add_option("--tier", second_, "what a letter does: ring, knock, note or never");
        create->add_option("--hours", third_, "when, such as \"Mon-Fri 09:00-18:00\"; else always");
        create->add_option("--budget", budget_, "letters a day")->check(CLI::Range(1, 10000));
        create->callback([this] { choose(client::CreateCard{first_, second_, third_, budget_}); });
        card->add_subcommand("list", "your cards, and whether any was misused")->callback([this] {
            choose(client::ListCards{});
        });
        auto* close = card->add_subcommand("close", "end a card for good");
        close->add_option("card", first_, "its label or id")->required();
        close->callback([this] { choose(client::CloseCard{first_}); });
        auto* renew = card->add_subcommand("renew", "another code for the same person");
        auto* which = renew->add_option("card", first_, "its label or id");
        auto* all_but = renew->add_option("--all-but", second_, "instead: all cards but this one")
                            ->excludes(which);
        renew->callback([this, which, all_but] {
            if (which->count() + all_but->count() == 0) problem_ = "say which card, or --all-but";
            const bool all = all_but->count() > 0;
            choose(client::RenewCards{
                all ? client::RenewCards::Which::AllBut : client::RenewCards::Which::This,
                all ? second_ : first_});
        });
    }

    void add_quiet_command() {
        auto* quiet = app_.add_subcommand("quiet", "when nothing rings, and who does all the same");
        auto* hours = quiet->add_option(
            "--hours", first_, "such as \"22:00-07:00, Sat 00:00-24:00\", in this machine's zone");
        auto* off = quiet->add_flag("--off", off_, "no quiet hours any more")->excludes(hours);
        quiet->add_option("--through", names_, "a member or card that rings even then");
        quiet->add_option("--not-through", others_, "a member or card that no longer does");
        quiet->callback([this, hours, off] {
            client::KeepQuiet wish{std::nullopt, names_, others_};
            if (hours->count() > 0) wish.hours = first_;
            if (off->count() > 0) wish.hours = "";
            choose(std::move(wish));
        });
    }

    void add_request_commands() {
        app_.add_subcommand("requests", "who waits for your word")->callback([this] {
            choose(client::ListRequests{});
        });
        auto* confirm = app_.add_subcommand("confirm", "yes to who waits");
        confirm->add_option("request", first_, "its id")->required();
        confirm->callback([this] { choose(client::ConfirmRequest{first_}); });
        auto* refuse = app_.add_subcommand("refuse", "no to who waits");
        refuse->add_option("request", first_, "its id")->required();
        refuse->callback([this] { choose(client::RefuseRequest{first_}); });
    }

    void add_change(CLI::App& group,
                    const std::string& name,
                    const std::string& meaning,
                    client::ChangeGroup::Act act) {
        auto* change = group.add_subcommand(name, meaning);
        change->add_option("group", first_, "its name or id")->required();
        change->add_option("member", second_, "a member's name or id")->required();
        change->callback([this, act] { choose(client::ChangeGroup{act, first_, second_}); });
    }

    void add_officer_commands() {
        auto* office = app_.add_subcommand("officer", "found a circle and look after it");
        office->require_subcommand(1);
        auto* found = office->add_subcommand("found", "found a circle on an empty relay");
        found->add_option("name", first_, "what the circle is called")->required();
        found->add_option("--relay", second_, "HOST:PORT of the relay")->required();
        found->add_option("--relay-key", third_, "the key that cercle-relay printed")->required();
        found->callback([this] { choose(officer::Found{first_, second_, third_}); });
        office->add_subcommand("serve", "answer those who join, until stopped")->callback([this] {
            choose(officer::Serve{});
        });
        auto* invite = office->add_subcommand("invite", "make an invitation for one person");
        auto* name = invite->add_option("name", first_, "the person's name, as others will see it");
        invite->add_option("--role", second_, "what the person is, as others will see it");
        invite->add_option("--expires", third_, "how long it lives, such as 30m, 24h or 7d");
        invite->add_option("--qr", file_, "a new file for its QR code: NAME.png or NAME.svg");
        invite->add_flag("--unattended", unattended_, "needs a second code, sent by another way");
        invite->add_option("--section", names_, "who sees him, and whom he sees; may be repeated")
            ->allow_extra_args(false);
        invite->add_option(
            "--picture", face_, "his picture: a JPEG, PNG or WebP file of 8 KiB at most");
        invite->add_option(
            "--replaces", fourth_, "a lost device's id, or its member: he comes back");
        invite->callback([this, name] {
            officer::Invite wish;
            wish.name = first_;
            wish.role = second_;
            wish.replaces = fourth_;
            wish.sections = names_;
            const bool returns = !fourth_.empty();
            if (!returns && name->count() == 0) problem_ = "say whom to invite";
            if (returns && (name->count() != 0 || !second_.empty() || !face_.empty())) {
                problem_ = "who comes back keeps name, role and picture: leave them out";
            }
            wish.picture = to_bytes(face_);
            if (!third_.empty()) problem_ = check_span(third_, wish.expires_seconds);
            if (!file_.empty() && !is_picture_name(file_)) {
                problem_ = "--qr wants the name of a new file that ends in .png or .svg";
            }
            if (!file_.empty()) picture_ = file_;
            wish.attendance =
                unattended_ ? officer::Attendance::Unattended : officer::Attendance::Attended;
            choose(std::move(wish));
        });
        auto* confirm = office->add_subcommand(
            "confirm-relay", "say that the relay's new key is the one its operator reads to you");
        confirm->add_option("key", first_, "the key that cercle-relay rotate-key printed")
            ->required();
        confirm->callback([this] { choose(officer::ConfirmRelay{first_}); });
        office->add_subcommand("members", "who is in the circle, with which devices")
            ->callback([this] { choose(officer::ListMembers{}); });
        auto* lost = office->add_subcommand("lost", "shut a lost device out, and tell everybody");
        lost->add_option("which", first_, "its id, or its member's name or id")->required();
        lost->add_flag("--rehearse", rehearse_, "do nothing, and say what would be done");
        lost->callback([this] {
            using Act = officer::ReportLost::Act;
            choose(officer::ReportLost{first_, rehearse_ ? Act::Rehearse : Act::Do});
        });
        add_office_commands(*office);
        add_section_commands(*office);
        add_picture_command(*office);
    }

    void add_picture_command(CLI::App& office) {
        auto* picture =
            office.add_subcommand("picture", "set the picture that others see of a member");
        picture->add_option("member", first_, "a member's name or id")->required();
        auto* file =
            picture->add_option("file", file_, "a JPEG, PNG or WebP file of 8 KiB at most");
        auto* none = picture->add_flag("--remove", end_, "instead: none any more")->excludes(file);
        picture->footer(
            "Examples:\n"
            "  magick portrait.jpg -strip -resize 128x128 -quality 70 face.jpg\n"
            "  cercle officer picture \"Alice Martin\" face.jpg");
        picture->callback([this, none] {
            if (file_.empty() && none->count() == 0) problem_ = "say which file, or --remove";
            choose(officer::SetPicture{first_, to_bytes(file_)});
        });
    }

    void add_section_commands(CLI::App& office) {
        auto* section = office.add_subcommand("section", "put a member into sections, or out");
        section->add_option("member", first_, "a member's name or id")->required();
        section->add_option("--add", names_, "into this one; may be repeated")
            ->allow_extra_args(false);
        section->add_option("--remove", others_, "out of this one; may be repeated")
            ->allow_extra_args(false);
        section->callback([this] {
            if (names_.empty() && others_.empty()) problem_ = "say --add or --remove";
            choose(officer::SetSections{first_, names_, others_});
        });
        auto* sees =
            office.add_subcommand("sees", "let the members of two sections see each other");
        sees->add_option("one", first_, "a section; all: everybody; none: who is in none")
            ->required();
        sees->add_option("other", second_, "another")->required();
        sees->add_flag("--end", end_, "instead: this rule ends");
        sees->callback([this] {
            using Act = officer::SetSight::Act;
            choose(officer::SetSight{first_, second_, end_ ? Act::End : Act::Make});
        });
        office.add_subcommand("sections", "which there are, and who sees whom")->callback([this] {
            choose(officer::ListSections{});
        });
    }

    void add_office_commands(CLI::App& office) {
        office.add_subcommand("requests", "who waits to be approved")->callback([this] {
            choose(officer::ListRequests{});
        });
        auto* approve = office.add_subcommand("approve", "admit who waits");
        approve->add_option("request", first_, "its id, or the name of who waits")->required();
        approve->add_option("--words", second_, "the six words that the newcomer reads out to you")
            ->required();
        approve->callback([this] { choose(officer::Approve{first_, second_}); });
        auto* refuse = office.add_subcommand("refuse", "send away who waits");
        refuse->add_option("request", first_, "its id, or the name of who waits")->required();
        refuse->callback([this] { choose(officer::Refuse{first_}); });
        office
            .add_subcommand("devices", "all devices of the circle, and how long each is certified")
            ->callback([this] { choose(officer::ListDevices{}); });
        auto* policy =
            office.add_subcommand("policy", "show the circle's policy, or set its rules");
        policy
            ->add_option(
                "--set", names_, "NAME=VALUE, such as cards=nobody; NAME= for what is usual")
            ->allow_extra_args(false);
        policy->footer(policy_examples);
        policy->callback([this] { choose(officer::SetPolicy{names_}); });
        auto* report = office.add_subcommand(
            "report", "how many phones were not opened for fourteen days, and never which");
        report->footer(
            "Examples:\n"
            "  cercle officer policy --set report=on     begins it\n"
            "  cercle officer report                     such as: 6 of 20 phones unopened for 14 "
            "days");
        report->callback([this] { choose(officer::ShowReport{}); });
        auto* journal = office.add_subcommand("journal", "what the officer has done");
        journal->add_flag("--verify", verify_, "check it instead of showing it");
        journal->add_option(
            "--head", second_, "a head that was noted earlier: check that the journal leads to it");
        journal->callback([this] {
            choose(officer::ShowJournal{
                verify_ ? officer::Verification::Yes : officer::Verification::No, second_});
        });
    }

    CLI::App app_{"Cercle, the telephone of a closed circle"};
    std::string home_;
    std::string pass_file_;
    std::string trust_file_;
    std::string first_;
    std::string second_;
    std::string third_;
    std::string file_;
    std::string fourth_;
    std::string face_;
    std::vector<std::string> names_;
    std::vector<std::string> others_;
    std::string problem_;
    std::optional<std::string> picture_;
    std::int64_t timeout_ = -1;
    std::uint64_t after_ = 0;
    std::uint32_t limit_ = 0;
    std::uint32_t budget_ = 0;
    std::uint32_t wait_ = 0;
    bool diary_ = false;
    bool json_ = false;
    bool follow_ = false;
    bool unattended_ = false;
    bool rehearse_ = false;
    bool off_ = false;
    bool verify_ = false;
    bool reports_ = false;
    bool end_ = false;
    std::optional<std::variant<client::Command, officer::Command, ShowQr, OpenChat>> chosen_;
};

client::Exit refuse(Format format, const std::string& sentence) {
    print_outcome(format, {client::Exit::Usage, "usage", sentence});
    return client::Exit::Usage;
}

}  // namespace

std::variant<Arguments, client::Exit> read_arguments(int count, char** words) {
    Grammar grammar;
    // Asked for before anything can go wrong with the rest.
    const bool json = std::ranges::any_of(
        words, words + count, [](const char* word) { return std::string_view(word) == "--json"; });
    const Format format = json ? Format::Json : Format::Text;
    try {
        grammar.app().parse(count, words);
    } catch (const CLI::Success& asked) {
        grammar.app().exit(asked);
        return client::Exit::Done;
    } catch (const CLI::ParseError& problem) {
        return refuse(format, std::string(problem.what()) + "; --help tells more");
    }
    if (!grammar.problem().empty()) return refuse(format, grammar.problem());
    if (!grammar.has_home()) {
        return refuse(format, "say where this device lives: --home DIR, or CERCLE_HOME");
    }
    return grammar.take();
}

}  // namespace cercle::cli
