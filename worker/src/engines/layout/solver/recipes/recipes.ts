import type { RoomType } from '../../furniture/catalogue.ts';
import type { Recipe } from '../draft.ts';
import { BEDROOM } from './bedroom.ts';
import { DINING_ROOM, KITCHEN_DINING } from './diningRoom.ts';
import { ENTRYWAY } from './entryway.ts';
import { FAMILY_ROOM } from './familyRoom.ts';
import { GUEST_ROOM } from './guestRoom.ts';
import { HOME_OFFICE } from './homeOffice.ts';
import { KIDS_ROOM, NURSERY } from './kidsRoom.ts';
import { LIVING_ROOM } from './livingRoom.ts';
import { READING_NOOK } from './readingNook.ts';
import { STUDIO } from './studio.ts';

export const RECIPES: Readonly<Record<RoomType, Recipe>> = {
  living_room: LIVING_ROOM,
  family_room: FAMILY_ROOM,
  bedroom: BEDROOM,
  guest_room: GUEST_ROOM,
  kids_room: KIDS_ROOM,
  nursery: NURSERY,
  dining_room: DINING_ROOM,
  kitchen_dining: KITCHEN_DINING,
  home_office: HOME_OFFICE,
  reading_nook: READING_NOOK,
  entryway: ENTRYWAY,
  studio: STUDIO,
};
