// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_page.h"

#include <algorithm>
#include <array>
#include <format>
#include <iterator>
#include <utility>

#include "apps/cli/progress.h"
#include "apps/cli/sentences.h"

namespace cercle::cli::chat {
namespace {

/// What one person says within so long stands under one name.
constexpr std::uint64_t one_breath = std::uint64_t{5} * 60 * 1000;
constexpr std::uint64_t one_day = std::uint64_t{24} * 60 * 60 * 1000;
constexpr int indent = 2;
constexpr int mark_columns = 2;

bool same_day(const Moment& one, const Moment& other) {
    return one.year == other.year && one.month == other.month && one.day == other.day;
}

std::string day_name(const Moment& day, const Viewer& viewer) {
    static constexpr std::array weekdays{
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static constexpr std::array months{"January",
                                       "February",
                                       "March",
                                       "April",
                                       "May",
                                       "June",
                                       "July",
                                       "August",
                                       "September",
                                       "October",
                                       "November",
                                       "December"};
    if (same_day(day, viewer.calendar(viewer.now))) return "Today";
    if (viewer.now >= one_day && same_day(day, viewer.calendar(viewer.now - one_day))) {
        return "Yesterday";
    }
    return std::format("{} {} {} {}",
                       weekdays.at(static_cast<std::size_t>(day.weekday)),
                       day.day,
                       months.at(static_cast<std::size_t>(day.month - 1)),
                       day.year);
}

/// A line across, with words in its middle.
Row divider(const std::string& words, Style style, int columns) {
    const int side = std::max((columns - cli::columns_of(words) - 4) / 2, 1);
    std::string line;
    for (int column = 0; column < side; ++column)
        line += "─";
    return centred({{line + " " + words + " " + line, style}}, columns);
}

/// One entry on its way to rows.
class Setting {
  public:
    Setting(const Room& room, const Viewer& viewer, int columns, std::optional<std::size_t> chosen)
        : room_(room),
          viewer_(viewer),
          columns_(columns),
          chosen_(chosen),
          first_new_(first_new(room, viewer)) {}

    [[nodiscard]] std::vector<Row> rows_of(std::size_t entry) const {
        std::vector<Row> rows;
        const bool new_day = begins_day(entry);
        if (new_day) {
            const Moment day = viewer_.calendar(time_of(room_.entries()[entry]));
            rows.push_back(divider(day_name(day, viewer_), quiet, columns_));
        }
        if (entry == first_new_) rows.push_back(divider("new", accent, columns_));
        const bool headed = !rows.empty() || !goes_on(entry);
        if (room_.message(entry) != nullptr && headed && rows.empty() && entry > 0) {
            rows.emplace_back();
        }
        for (Row& row : body_of(entry, headed))
            rows.push_back(entry == chosen_ ? inverted(fitted(row, columns_)) : std::move(row));
        for (Row& row : rows)
            row = fitted(row, columns_);
        return rows;
    }

  private:
    [[nodiscard]] bool begins_day(std::size_t entry) const {
        const std::uint64_t at = time_of(room_.entries()[entry]);
        if (at == 0) return false;
        for (std::size_t before = entry; before-- > 0;) {
            const std::uint64_t then = time_of(room_.entries()[before]);
            if (then != 0) return !same_day(viewer_.calendar(then), viewer_.calendar(at));
        }
        return true;
    }

    /// Whether it stands under the same name as the one before.
    [[nodiscard]] bool goes_on(std::size_t entry) const {
        if (entry == 0) return false;
        const auto* before = room_.message(entry - 1);
        const auto* message = room_.message(entry);
        return before != nullptr && message != nullptr && before->sender == message->sender &&
               !message->reply_to && message->at < before->at + one_breath;
    }

    [[nodiscard]] std::vector<Row> body_of(std::size_t entry, bool headed) const {
        std::vector<Row> rows;
        if (const auto* message = room_.message(entry)) {
            add_message(*message, headed, rows);
        } else if (const auto* member = std::get_if<client::Membership>(&room_.entries()[entry])) {
            const std::string sentence = sentence_of(*member, viewer_.model.status().member);
            for (const std::string& line : wrapped(sentence, columns_))
                rows.push_back(centred({{line, quiet}}, columns_));
        } else {
            const auto& gap = std::get<client::Gap>(room_.entries()[entry]);
            for (const std::string& line : wrapped(sentence_of(gap), columns_ - indent))
                rows.push_back({{std::string(indent, ' ') + line, warning}});
        }
        return rows;
    }

    void add_message(const client::Message& message, bool headed, std::vector<Row>& rows) const {
        const bool own = viewer_.model.is_self(message.sender);
        if (headed) rows.push_back(heading(message, own));
        if (message.reply_to) rows.push_back(quotation(*message.reply_to));
        const bool file_alone = message.attachment && message.text.empty();
        if (!file_alone) add_lines(message.text, {}, rows);
        if (message.attachment) add_file(message, rows);
        if (own) rows.back() = at_both_ends(rows.back(), mark_of(message), columns_);
        add_trouble(message, rows);
    }

    /// With room for a mark.
    void add_lines(std::string_view text, Style style, std::vector<Row>& rows) const {
        for (const std::string& line :
             wrapped(text, std::max(columns_ - indent - mark_columns, indent)))
            rows.push_back({{std::string(indent, ' ') + line, style}});
    }

    /// The whole name, since its end says what it is; then how large it is, and how far.
    void add_file(const client::Message& message, std::vector<Row>& rows) const {
        add_lines(on_one_line(message.attachment->name),
                  {.colour = Colour::Accent, .weight = Weight::Bold},
                  rows);
        Row about{{"  " + size_text(message.attachment->size), quiet}};
        const Transfer* transfer = viewer_.model.transfer(message);
        if (transfer != nullptr && transfer->progress) {
            about.push_back({"  " + state_of(*transfer->progress), accent});
        } else if (transfer != nullptr && !transfer->saved_as.empty()) {
            about.push_back({"  saved", {.colour = Colour::Good}});
        } else if (&message == room_.newest_file(viewer_.model.status().member)) {
            about.push_back({"  /save keeps it", quiet});
        }
        const bool fits = columns_of(rows.back()) + columns_of(about) + mark_columns <= columns_;
        if (fits) {
            rows.back().insert(rows.back().end(), about.begin(), about.end());
        } else {
            rows.push_back(std::move(about));
        }
        const bool saved = transfer != nullptr && !transfer->saved_as.empty();
        if (saved) add_lines("as " + transfer->saved_as, {.colour = Colour::Good}, rows);
    }

    [[nodiscard]] std::string state_of(const client::FileProgress& progress) const {
        const std::string act =
            progress.act == client::FileProgress::Act::Receiving ? "receiving " : "sending ";
        return viewer_.model.status().online == 0 ? "waits for the relay"
                                                  : act + percent_text(progress);
    }

    [[nodiscard]] Row heading(const client::Message& message, bool own) const {
        const Moment at = viewer_.calendar(message.at);
        const Style name{.colour = own ? Colour::Accent : Colour::Person,
                         .weight = Weight::Bold,
                         .person = colour_of(message.sender)};
        const std::string who =
            message.sender_name.empty() ? brief(message.sender) : on_one_line(message.sender_name);
        return {{own ? "You" : who, name},
                {std::format("  {:02}:{:02}", at.hour, at.minute), quiet}};
    }

    [[nodiscard]] Row quotation(const client::Quoted& quoted) const {
        Row row{{std::string(indent, ' ') + "│ ", quiet}};
        if (quoted.sender.empty()) {
            row.push_back({"answers something that is not on this device", quiet});
            return row;
        }
        const bool own = viewer_.model.is_self(quoted.sender);
        row.push_back({own ? "You" : on_one_line(quoted.sender_name),
                       {.colour = own ? Colour::Accent : Colour::Person,
                        .person = colour_of(quoted.sender)}});
        row.push_back({": " + gist(quoted.text, quoted.file), quiet});
        return row;
    }

    [[nodiscard]] static Row mark_of(const client::Message& message) {
        if (message.state == "durable") return {{" ✓", quiet}};
        if (message.state == "queued") return {{" …", accent}};
        return {{" !", warning}};
    }

    void add_trouble(const client::Message& message, std::vector<Row>& rows) const {
        std::string sentence;
        if (message.state == "held") {
            sentence = "held: somebody came in whom you had not seen; /release lets it go";
        } else if (message.state == "failed") {
            sentence = "not sent, and never will be";
        }
        const Transfer* transfer = viewer_.model.transfer(message);
        const bool stalled = transfer != nullptr && transfer->progress;
        if (stalled && sentence.empty()) sentence = transfer->progress->trouble;
        if (sentence.empty()) return;
        for (const std::string& line : wrapped(sentence, columns_ - indent))
            rows.push_back({{std::string(indent, ' ') + line, warning}});
    }

    const Room& room_;
    const Viewer& viewer_;
    int columns_;
    std::optional<std::size_t> chosen_;
    std::size_t first_new_;
};

}  // namespace

std::uint8_t colour_of(const std::string& member) {
    unsigned sum = 0;
    for (const char digit : member)
        sum = sum * 31 + static_cast<unsigned char>(digit);
    return static_cast<std::uint8_t>(sum % colours_of_people);
}

std::size_t first_new(const Room& room, const Viewer& viewer) {
    if (!room.new_behind) return room.entries().size();
    const auto found = std::ranges::find_if(room.entries(), [&](const Entry& entry) {
        const auto* message = std::get_if<client::Message>(&entry);
        return message != nullptr && message->seq.value_or(0) > *room.new_behind &&
               !viewer.model.is_self(message->sender);
    });
    return static_cast<std::size_t>(std::distance(room.entries().begin(), found));
}

Page page_of(const Room& room,
             const Viewer& viewer,
             int columns,
             std::size_t rows,
             std::optional<std::size_t> chosen,
             std::optional<std::size_t> from) {
    const Setting setting(room, viewer, columns, chosen);
    Page page;
    std::size_t entry = room.entries().size();
    // From below, since what lies far above is not looked at.
    while (entry > 0 && (page.rows.size() < rows || entry > from.value_or(entry))) {
        --entry;
        auto set = setting.rows_of(entry);
        for (auto row = set.rbegin(); row != set.rend(); ++row) {
            page.rows.push_back(
                {chosen == entry ? inverted(std::move(*row)) : std::move(*row), entry});
        }
    }
    page.at_top = entry == 0;
    std::ranges::reverse(page.rows);
    return page;
}

}  // namespace cercle::cli::chat
