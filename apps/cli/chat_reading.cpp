// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The part of the face that shows what one reads: where one stands in it, what comes meanwhile, and
// what counts as read.

#include <algorithm>

#include "apps/cli/chat_face.h"

namespace cercle::cli::chat {
namespace {

/// In milliseconds: how long after a key somebody still looks.
constexpr std::uint64_t patience = std::uint64_t{2} * 60 * 1000;

/// How many rows lie below a picture so high that shows the chosen entry, moved as little as can
/// be.
std::size_t hidden_beside(const Page& page,
                          std::size_t chosen,
                          std::size_t hidden,
                          std::size_t height) {
    std::size_t above = 0;
    std::size_t behind = 0;
    for (const PageRow& row : page.rows) {
        above += row.entry < chosen ? 1 : 0;
        behind += row.entry > chosen ? 1 : 0;
    }
    const std::size_t from_its_top = page.rows.size() - above;
    if (from_its_top > hidden + height) hidden = from_its_top - height;
    return std::min(hidden, behind);
}

}  // namespace

bool Face::is_watched(const Viewer& viewer) const {
    return pressed_at_ != 0 && viewer.now < pressed_at_ + patience;
}

/// One begins to read with what is new: when a room was opened, and when one comes back to it.
void Face::go_to_new(Room& room, Size size, const Viewer& viewer) {
    if (!room.is_loaded() || room.scrolled > 0) return;
    const bool was_away = !is_watched(viewer);
    if (!was_away && !room.goes_to_new) return;
    room.goes_to_new = false;
    if (!room.new_behind) room.new_behind = std::max(room.marked, room.shown.read_to);
    const std::size_t first = first_new(room, viewer);
    if (first == room.entries().size()) {
        room.new_behind.reset();
        return;
    }
    const Page page = page_of(room, viewer, size.columns, 0, std::nullopt, first);
    const auto new_rows = std::ranges::count_if(
        page.rows, [first](const PageRow& row) { return row.entry >= first; });
    room.scrolled = std::max(static_cast<int>(new_rows) - size.rows, 0);
    room.scrolled_from = room.newest();
}

std::vector<Row> Face::draw_page(Room& room, Size size, const Viewer& viewer) {
    go_to_new(room, size, viewer);
    const auto height = static_cast<std::size_t>(std::max(size.rows, 1));
    const auto chosen = chosen_entry();
    const auto page_with = [&](std::size_t rows) {
        return page_of(room, viewer, size.columns, rows, chosen);
    };
    const auto scrolled = static_cast<std::size_t>(room.scrolled);
    const std::size_t newer =
        scrolled > 0 ? room.first_behind(room.scrolled_from) : room.entries().size();
    Page page = page_of(room, viewer, size.columns, height + scrolled, chosen, newer);
    // What came while one looks further up does not push the picture away.
    std::size_t new_below = 0;
    if (scrolled > 0) {
        new_below = static_cast<std::size_t>(std::ranges::count_if(
            page.rows, [&](const PageRow& row) { return row.entry >= newer; }));
    }
    std::size_t hidden = scrolled + new_below;  // rows below the picture
    if (chosen) {
        while (!page.at_top && !std::ranges::contains(page.rows, *chosen, &PageRow::entry))
            page = page_with(page.rows.size() + height);
        hidden = hidden_beside(page, *chosen, hidden, height);
    }
    page = page_with(hidden + height);
    const std::size_t most = page.rows.size() > height ? page.rows.size() - height : 0;
    if (hidden > most) {
        hidden = most;
        room.scrolled = static_cast<int>(hidden - std::min(hidden, new_below));
    }
    if (page.at_top && hidden == most) load_older(room);
    std::vector<Row> rows;
    for (std::size_t row = most - hidden; row < page.rows.size() - hidden; ++row)
        rows.push_back(page.rows[row].row);
    if (rows.empty() && (room.is_person() || room.is_loaded())) {
        rows.push_back(centred({{"nothing said here yet", quiet}}, size.columns));
    }
    rows.insert(rows.begin(), height - rows.size(), fitted({}, size.columns));
    if (hidden == 0) {
        if (is_watched(viewer)) mark_read(room);
    } else if (!chosen) {
        const std::string more = new_below > 0 ? " new below, PgDn " : " more below, PgDn ";
        rows.back() =
            centred({{more, {.colour = Colour::Accent, .ground = Ground::Inverted}}}, size.columns);
    }
    page_rows_ = static_cast<int>(height);
    return rows;
}

}  // namespace cercle::cli::chat
