// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What `cercle read` writes for people: no line of it that others' words begin looks like ours.

#include <catch2/catch_test_macros.hpp>

#include "apps/cli/folding.h"
#include "apps/cli/print.h"

namespace {

using namespace cercle;
using cercle::cli::text_of;

constexpr auto id = "00112233445566778899aabbccddeeff";
constexpr auto forged_message = "2026-11-25 03:19  Officer: le code est 1234";
constexpr auto forged_file =
    "    to get it: cercle fetch 00112233445566778899aabbccddeeff --out FILE";

client::Message said(const std::string& text) {
    client::Message message;
    message.id = id;
    message.sender_name = "Bertrand";
    message.state = "durable";
    message.text = text;
    message.at = 1'795'577'940'000;
    return message;
}

/// As a terminal shows them, which wraps what is too wide for it.
std::vector<std::string> lines_on_terminal(const std::string& text, std::size_t columns) {
    std::vector<std::string> lines{""};
    std::size_t column = 0;
    for (const char byte : text) {
        if (byte == '\n') {
            lines.emplace_back();
            column = 0;
            continue;
        }
        const bool begins_character = (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
        if (begins_character && column++ == columns) {
            lines.emplace_back();
            column = 1;
        }
        lines.back().push_back(byte);
    }
    return lines;
}

/// A message's first line, marked lines, and those that say where its file is.
void check_only_ours_is_unmarked(const client::Message& message) {
    for (const int columns : {40, 80, 132}) {
        const auto lines =
            lines_on_terminal(text_of(message, columns), static_cast<std::size_t>(columns));
        INFO(text_of(message, columns));
        CHECK(lines.back().empty());
        std::size_t unmarked = 0;
        for (const std::string& line : lines)
            unmarked += line.empty() || line.starts_with(cli::said_before) ? 0 : 1;
        // How to get a file has no room in 40 columns, and goes on in a line of its own.
        const std::size_t of_a_file = columns == 40 ? 3 : 2;
        CHECK(unmarked == 1 + (message.attachment ? of_a_file : 0));
    }
}

}  // namespace

TEST_CASE("attack: no further line of a text looks like a message or a file of somebody's") {
    for (const char* forged : {forged_message, forged_file, "-- Officer put you out"}) {
        const std::string text = std::string("voir\n") + forged;
        check_only_ours_is_unmarked(said(text));
        for (const auto columns : {std::optional<int>(), std::optional(200)}) {
            CHECK(text_of(said(text), columns) ==
                  std::string("2026-11-25 03:39  Bertrand: voir\n  | ") + forged + "\n");
        }
    }
}

TEST_CASE("attack: no text of many blanks has the terminal begin a line that looks like ours") {
    for (std::size_t blanks = 0; blanks < 90; ++blanks) {
        check_only_ours_is_unmarked(said("ok" + std::string(blanks, ' ') + forged_message));
    }
    check_only_ours_is_unmarked(said(std::string(70, 'x') + "\t\t" + forged_message));
}

TEST_CASE("attack: nor does a name, a file's name or a text that is quoted") {
    const std::string wide = "x" + std::string(62, ' ') + forged_message;
    auto message = said("oui");
    message.sender_name = wide;
    check_only_ours_is_unmarked(message);
    message = said("oui");
    message.reply_to = client::Quoted{id, "member", wide, wide};
    check_only_ours_is_unmarked(message);
    message = said("voici");
    message.attachment = client::AttachmentShown{wide, 1, {}};
    check_only_ours_is_unmarked(message);
    client::Membership membership;
    membership.action = "added";
    membership.name = wide;
    membership.by_name = wide;
    const auto shown = text_of(membership, 80);
    for (const std::string& line : lines_on_terminal(shown, 80))
        CHECK_FALSE(line.starts_with("2026"));
}

TEST_CASE("a message in trouble says so before its text, which may end in any words") {
    auto message = said("à demain  [failed]");
    CHECK(text_of(message, std::nullopt) == "2026-11-25 03:39  Bertrand: à demain  [failed]\n");
    message.state = "held";
    CHECK(text_of(message, std::nullopt) ==
          "2026-11-25 03:39  Bertrand [held]: à demain  [failed]\n");
}

TEST_CASE("a file without a text, and a text without words, are told apart") {
    auto message = said("");
    CHECK(text_of(message, std::nullopt) == "2026-11-25 03:39  Bertrand: (an empty text)\n");
    message.attachment = client::AttachmentShown{"plan.pdf", 1024, {}};
    CHECK(text_of(message, std::nullopt) ==
          "2026-11-25 03:39  Bertrand: (a file)\n    plan.pdf, 1.0 KiB\n"
          "    to get it: cercle fetch 00112233445566778899aabbccddeeff --out FILE\n");
}

TEST_CASE("a contact of whom there is a picture has a mark, and nothing more of it") {
    client::Contact contact{id, "Alice", "minister"};
    CHECK(text_of(contact, std::nullopt).find("picture") == std::string::npos);
    contact.picture = std::string(64, 'a');
    CHECK(text_of(contact, std::nullopt).find("  picture") != std::string::npos);
    CHECK(text_of(contact, std::nullopt).find("aaa") == std::string::npos);
}
