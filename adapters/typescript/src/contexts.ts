/**
 * The contexts of the sample application.
 *
 * Source: spec/sample.md, Reads and Merges.
 */
import { context } from "@mizan/core";

import { ENVIRONMENT } from "./environment.js";

export const ProbeContext = context("probe");
export const UserContext = context("user");
export const TeamContext = context("team");
export const ReportContext = context("report");
export const PageLangContext = context("page_lang");
export const CatalogContext = context("catalog");
export const ChosenContext = context(ENVIRONMENT.context);
export const TypedContext = context("typed");
export const BrokenContext = context("broken");
export const LooksContext = context("looks");
export const MeddlesContext = context("meddles");
export const FreshContext = context("fresh");
export const MarkContext = context("mark");
export const CrewContext = context("crew");
export const TwiceContext = context("twice");
export const AliasContext = context("alias");
export const PageUserContext = context("page_user");
export const MottoContext = context("motto");
export const PricedContext = context("priced");
export const KeyContexts = Array.from({ length: 40 }, (_, number) => context(`c${String(number).padStart(2, "0")}`));
