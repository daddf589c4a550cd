"""Judging in bulk: a million random models of one pair, on all cores or on a cluster."""

from crosscheck.campaign.plan import DEFAULT_SCALE, Plan
from crosscheck.campaign.report import CampaignReport
from crosscheck.campaign.run import Progress, campaign

__all__ = ["DEFAULT_SCALE", "CampaignReport", "Plan", "Progress", "campaign"]
