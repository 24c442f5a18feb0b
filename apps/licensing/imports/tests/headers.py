"""The first lines of the exports, as their publishers write them."""


def columns(header: str) -> list[str]:
    return header.split(",")


TEAMS_HEADER = columns(
    "Report Refresh Date,Tenant Display Name,Shared Channel Tenant Display Names,User Id,User Principal Name,"
    "Last Activity Date,Is Deleted,Deleted Date,Assigned Products,Team Chat Message Count,Private Chat Message Count,"
    "Call Count,Meeting Count,Post Messages,Reply Messages,Urgent Messages,Meetings Organized Count,"
    "Meetings Attended Count,Ad Hoc Meetings Organized Count,Ad Hoc Meetings Attended Count,"
    "Scheduled One-time Meetings Organized Count,Scheduled One-time Meetings Attended Count,"
    "Scheduled Recurring Meetings Organized Count,Scheduled Recurring Meetings Attended Count,Audio Duration,"
    "Video Duration,Screen Share Duration,Audio Duration In Seconds,Video Duration In Seconds,"
    "Screen Share Duration In Seconds,Has Other Action,Is Licensed,Report Period"
)
ACTIVE_HEADER = columns(
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Has Exchange License,"
    "Has OneDrive License,Has SharePoint License,Has Skype For Business License,Has Yammer License,Has Teams License,"
    "Exchange Last Activity Date,OneDrive Last Activity Date,SharePoint Last Activity Date,"
    "Skype For Business Last Activity Date,Yammer Last Activity Date,Teams Last Activity Date,"
    "Exchange License Assign Date,OneDrive License Assign Date,SharePoint License Assign Date,"
    "Skype For Business License Assign Date,Yammer License Assign Date,Teams License Assign Date,Assigned Products"
)
ADMIN_HEADER = columns("Block credential,Department,Display name,Licenses,Soft deletion time stamp,User principal name")
ZOOM_HEADER = columns(
    "Email,First Name,Last Name,Department,User Group,IM Group,Last Login(UTC),Last Client Version,Creation Date,Role,"
    "User Type,Login Type,User Status,PMI,Job Title,Location"
)
ZOOM_FRENCH_HEADER = columns(
    "E-mail,Prénom,Nom,Service,Groupe,Groupe IM,Dernière connexion (UTC),Version,Création,Rôle,Type d’utilisateur,"
    "Connexion,Statut de l’utilisateur,PMI,Poste,Lieu"
)
HOSTS_HEADER = columns(
    "Topic,Meeting ID,User Name,User Email,Department,Group,Has Zoom Rooms,Creation Time,Start Time,End Time,"
    "Duration (Minutes),Participants,Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,"
    "Recording Consent,In Waiting Room"
)
