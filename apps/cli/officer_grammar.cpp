// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/officer_grammar.h"

#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/cli/picture_file.h"

namespace cercle::cli {
namespace {

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

}  // namespace

/// The places where CLI11 puts what was typed.
class OfficerGrammar::Words {
  public:
    void add_to(CLI::App& app) {
        auto* office = app.add_subcommand("officer", "found a circle and look after it");
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
            if (!returns && name->count() == 0) problem = "say whom to invite";
            if (returns && (name->count() != 0 || !second_.empty() || !face_.empty())) {
                problem = "who comes back keeps name, role and picture: leave them out";
            }
            wish.picture = to_bytes(face_);
            if (!third_.empty()) problem = check_span(third_, wish.expires_seconds);
            if (!file_.empty() && !is_picture_name(file_)) {
                problem = "--qr wants the name of a new file that ends in .png or .svg";
            }
            if (!file_.empty()) picture = file_;
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
        add_succession_commands(*office);
    }

  private:
    void choose(officer::Command command) { chosen = std::move(command); }

    void add_section_commands(CLI::App& office) {
        auto* section = office.add_subcommand("section", "put a member into sections, or out");
        section->add_option("member", first_, "a member's name or id")->required();
        section->add_option("--add", names_, "into this one; may be repeated")
            ->allow_extra_args(false);
        section->add_option("--remove", others_, "out of this one; may be repeated")
            ->allow_extra_args(false);
        section->callback([this] {
            if (names_.empty() && others_.empty()) problem = "say --add or --remove";
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

    void add_picture_command(CLI::App& office) {
        auto* one = office.add_subcommand("picture", "set the picture that others see of a member");
        one->add_option("member", first_, "a member's name or id")->required();
        auto* file = one->add_option("file", file_, "a JPEG, PNG or WebP file of 8 KiB at most");
        auto* none = one->add_flag("--remove", end_, "instead: none any more")->excludes(file);
        one->footer(
            "Examples:\n"
            "  magick portrait.jpg -strip -resize 128x128 -quality 70 face.jpg\n"
            "  cercle officer picture \"Alice Martin\" face.jpg");
        one->callback([this, none] {
            if (file_.empty() && none->count() == 0) problem = "say which file, or --remove";
            choose(officer::SetPicture{first_, to_bytes(file_)});
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

    void add_backup(CLI::App& command, const std::string& meaning) {
        command.add_option("file", file_, meaning)->required();
        command.add_option("--backup-pass-file",
                           backup_pass_file,
                           "a file that holds the backup's passphrase, which is not the vault's");
    }

    /// Whoever owns the home may be at work elsewhere.
    [[nodiscard]] Bytes whole_path() const {
        return to_bytes(std::filesystem::absolute(file_).string());
    }

    void add_succession_commands(CLI::App& office) {
        auto* backup = office.add_subcommand("backup", "seal all that the office is into a file");
        add_backup(*backup, "where to put it");
        backup->callback([this] { choose(officer::MakeBackup{whole_path(), {}}); });
        auto* restore = office.add_subcommand(
            "restore", "go on with an office here, from a backup or what was handed over");
        add_backup(*restore, "the sealed file");
        restore->callback([this] { choose(officer::Restore{whole_path(), {}}); });
        office
            .add_subcommand(
                "resume", "open a restored office, though not every device has told what it knows")
            ->callback([this] { choose(officer::Resume{}); });
        auto* over = office.add_subcommand("hand-over", "give the office to another member");
        over->add_option("member", first_, "his name or id")->required();
        add_backup(*over, "where to put what his machine goes on from");
        over->callback([this] { choose(officer::HandOver{first_, whole_path(), {}}); });
    }

    std::string first_;
    std::string second_;
    std::string third_;
    std::string fourth_;
    std::string face_;
    std::string file_;
    std::vector<std::string> names_;
    std::vector<std::string> others_;
    bool unattended_ = false;
    bool rehearse_ = false;
    bool verify_ = false;
    bool end_ = false;

  public:
    std::string problem;
    std::string backup_pass_file;
    std::optional<std::string> picture;
    std::optional<officer::Command> chosen;
};

OfficerGrammar::OfficerGrammar()
    : words_(std::make_unique<Words>()) {}

OfficerGrammar::~OfficerGrammar() = default;

void OfficerGrammar::add_to(CLI::App& app) {
    words_->add_to(app);
}

const std::string& OfficerGrammar::problem() const {
    return words_->problem;
}

std::optional<std::string> OfficerGrammar::picture() const {
    return words_->picture;
}

std::optional<std::string> OfficerGrammar::backup_pass_file() const {
    if (words_->backup_pass_file.empty()) return std::nullopt;
    return words_->backup_pass_file;
}

std::optional<officer::Command> OfficerGrammar::take() {
    return std::exchange(words_->chosen, std::nullopt);
}

}  // namespace cercle::cli
