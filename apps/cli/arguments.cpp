// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/arguments.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/cli/officer_grammar.h"
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
        office_.add_to(app_);
        add_qr_command();
    }

    CLI::App& app() { return app_; }

    [[nodiscard]] std::string problem() const {
        return problem_.empty() ? office_.problem() : problem_;
    }

    Arguments take() {
        Arguments arguments;
        arguments.settings.home = home_;
        if (timeout_ >= 0) arguments.settings.timeout = std::chrono::seconds(timeout_);
        if (!trust_file_.empty()) arguments.settings.trust_file = trust_file_;
        if (!pass_file_.empty()) arguments.pass_file = pass_file_;
        arguments.picture = office_.picture();
        arguments.backup_pass_file = office_.backup_pass_file();
        if (diary_) arguments.settings.diary = client::Diaries::Standard;
        arguments.format = format();
        if (chosen_) arguments.command = *std::move(chosen_);
        if (auto command = office_.take()) arguments.command = *std::move(command);
        return arguments;
    }

    [[nodiscard]] Format format() const { return json_ ? Format::Json : Format::Text; }

    /// Whether it is known where the device lives, for what needs to know.
    [[nodiscard]] bool has_home() const {
        return !home_.empty() || (chosen_ && std::holds_alternative<ShowQr>(*chosen_));
    }

  private:
    void choose(client::Command command) { chosen_ = std::move(command); }

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
        create->add_option("--answered-by", fourth_, "the member who answers it in your name");
        create->callback(
            [this] { choose(client::CreateCard{first_, second_, third_, budget_, {}, fourth_}); });
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

    CLI::App app_{"Cercle, the telephone of a closed circle"};
    OfficerGrammar office_;
    std::string home_;
    std::string pass_file_;
    std::string trust_file_;
    std::string first_;
    std::string second_;
    std::string third_;
    std::string file_;
    std::string fourth_;
    std::vector<std::string> names_;
    std::vector<std::string> others_;
    std::string problem_;
    std::int64_t timeout_ = -1;
    std::uint64_t after_ = 0;
    std::uint32_t limit_ = 0;
    std::uint32_t budget_ = 0;
    std::uint32_t wait_ = 0;
    bool diary_ = false;
    bool json_ = false;
    bool follow_ = false;
    bool off_ = false;
    bool reports_ = false;
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
