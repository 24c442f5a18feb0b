// Reads a calendar with ical.js, Thunderbird's library, and prints what it understood as JSON.
import { readFileSync } from "node:fs";
import ICAL from "../../../../node_modules/ical.js/dist/ical.js";

const OCCURRENCES_MAX = 20;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}
const components = calendar.getAllSubcomponents("vevent");
const changed = components.filter((component) => component.hasProperty("recurrence-id"));
const master = components.find((component) => !component.hasProperty("recurrence-id"));
const event = new ICAL.Event(master ?? changed[0], { exceptions: master ? changed : [] });

const starts = [];
if (event.isRecurring()) {
  const iterator = event.iterator();
  for (let next = iterator.next(); next && starts.length < OCCURRENCES_MAX; next = iterator.next()) {
    starts.push(event.getOccurrenceDetails(next).startDate.toJSDate().toISOString());
  }
} else {
  starts.push(event.startDate.toJSDate().toISOString());
}
const attendees = event.attendees.map((attendee) => [attendee.getFirstValue(), attendee.getParameter("partstat")]);
console.log(
  JSON.stringify({
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    summary: event.summary,
    description: event.description,
    location: event.location,
    sequence: event.sequence,
    organizer: event.organizer,
    recurrenceId: event.recurrenceId?.toString() ?? null,
    minutes: event.duration.toSeconds() / 60,
    starts,
    attendees,
  }),
);
